/** The options of the plugin and the aspect, and the configuration file that stands in for them. */

import { type CheckOptions, type ConfigFile, coreOptions } from "../api";
import type { Configuration } from "../configuration";
import { findConfig, readConfig } from "../files/config";

export interface StackproofOptions extends Omit<CheckOptions, "config"> {
  /**
   * A configuration file's path, or its contents as an object; `false`: none. Default: `stackproof.config.json` or `.yaml`
   * in the working folder or above it.
   */
  config?: string | Configuration | false;
  /** Report also what could not be decided, as information. */
  showUndetermined?: boolean;
}

export function prepare(options: StackproofOptions): { core: object; config: ConfigFile | undefined } {
  const { config, showUndetermined: _, ...rest } = options;
  if (typeof config === "object") return { core: coreOptions({ ...rest, config }), config: undefined };
  const path = config === false ? undefined : (config ?? findConfig(process.cwd()));
  return { core: coreOptions(rest), config: path === undefined ? undefined : readConfig(path) };
}
