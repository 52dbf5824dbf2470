/** How long work takes, in milliseconds. */
export function once(work) {
  const begun = performance.now();
  work();
  return performance.now() - begun;
}
