/**
 * Pulumi's analyzer protocol: gRPC and the messages, taken from the `@pulumi/pulumi` that the policy pack itself resolves.
 *
 * They must come from one copy of that package: its generated code refuses messages made by another.
 */

import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import type * as Services from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import type * as Messages from "@pulumi/pulumi/proto/analyzer_pb";
import type * as Plugin from "@pulumi/pulumi/proto/plugin_pb";
import type * as EmptyMessages from "google-protobuf/google/protobuf/empty_pb";
import type * as StructMessages from "google-protobuf/google/protobuf/struct_pb";

export interface Protocol {
  grpc: typeof Grpc;
  services: typeof Services;
  messages: typeof Messages;
  plugin: typeof Plugin;
  Empty: typeof EmptyMessages.Empty;
  Struct: typeof StructMessages.Struct;
}

/** `folder`: the pack's; where it has no `@pulumi/pulumi` above it, the one beside this package serves. */
export function loadProtocol(folder: string): Protocol {
  const sdk = sdkRequire(folder);
  const inside = createRequire(sdk.resolve("@pulumi/pulumi/package.json"));
  return {
    grpc: inside("@grpc/grpc-js"),
    services: sdk("@pulumi/pulumi/proto/analyzer_grpc_pb"),
    messages: sdk("@pulumi/pulumi/proto/analyzer_pb"),
    plugin: sdk("@pulumi/pulumi/proto/plugin_pb"),
    Empty: inside("google-protobuf/google/protobuf/empty_pb").Empty,
    Struct: inside("google-protobuf/google/protobuf/struct_pb").Struct,
  };
}

function sdkRequire(folder: string): NodeJS.Require {
  const fromPack = createRequire(join(folder, "package.json"));
  try {
    fromPack.resolve("@pulumi/pulumi/package.json");
    return fromPack;
  } catch {
    return createRequire(__filename);
  }
}
