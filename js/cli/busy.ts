/** Says that work is going on, once it has taken a second: on standard error, if that is a terminal. */

import { Worker } from "node:worker_threads";

/** Below this a check is over long before a second is, and no thread is started for it. */
const MUCH = 8_000_000;

/** The check blocks this thread, so another one has to speak; writing to the descriptor itself does not pass through here. */
const SPEAK = `
const { writeSync } = require("node:fs");
const { workerData } = require("node:worker_threads");
const started = Date.now();
setTimeout(function tick() {
  const seconds = Math.round((Date.now() - started + workerData.before) / 1000);
  writeSync(2, "\\r\\x1b[Kstackproof: " + workerData.what + " … " + seconds + " s");
  setTimeout(tick, 1000);
}, Math.max(0, 1000 - workerData.before));
`;

export class Busy {
  private readonly started = Date.now();
  private bytes = 0;
  private worker: Worker | undefined;

  read(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MUCH) this.speak("reading");
  }

  checking(inputs: number): void {
    const slow = Date.now() - this.started > 300;
    if (!slow && this.bytes <= MUCH) return;
    this.stop();
    this.speak(`checking ${inputs} ${inputs === 1 ? "input" : "inputs"}, ${(this.bytes / 1e6).toFixed(0)} MB`);
  }

  done(): void {
    if (this.worker && Date.now() - this.started > 900) process.stderr.write("\r\x1b[K");
    this.stop();
  }

  private speak(what: string): void {
    if (this.worker || !process.stderr.isTTY) return;
    this.worker = new Worker(SPEAK, { eval: true, workerData: { what, before: Date.now() - this.started } });
    this.worker.unref();
  }

  private stop(): void {
    void this.worker?.terminate();
    this.worker = undefined;
  }
}
