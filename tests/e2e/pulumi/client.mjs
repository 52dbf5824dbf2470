// A client of the analyzer protocol: starts a policy pack as Pulumi's Node language host does, and calls it as the engine does.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const sdk = createRequire(import.meta.url);
const inside = createRequire(sdk.resolve("@pulumi/pulumi/package.json"));
const grpc = inside("@grpc/grpc-js");
const { Struct } = inside("google-protobuf/google/protobuf/struct_pb");
const { Empty } = inside("google-protobuf/google/protobuf/empty_pb");
const pb = sdk("@pulumi/pulumi/proto/analyzer_pb");
const { AnalyzerClient } = sdk("@pulumi/pulumi/proto/analyzer_grpc_pb");

export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const secret = (value) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", value });
export const fileArchive = (path) => ({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", path });

export const LEVELS = ["advisory", "mandatory", "disabled", "remediate"];
export const urn = (type, name) => `urn:pulumi:dev::demo::${type}::${name}`;

/** Starts the pack in `folder`; `env` is added to the environment. Calls reject with the error's details. */
export async function start(folder, env = {}) {
  const runner = sdk.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const child = spawn(process.execPath, [runner, "127.0.0.1:1", folder], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, STACKPROOF_CONFIG: "", STACKPROOF_REPORT: "", ...env },
  });
  let log = "";
  child.stderr.on("data", (chunk) => {
    log += chunk;
  });
  const stdout = [];
  const port = await new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on("line", (line) => stdout.push(line));
    lines.once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the pack exited with ${code}: ${log}`)));
  });
  const limits = { "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 };
  const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), limits);
  const call = (method, request) =>
    new Promise((resolve, reject) => {
      client[method](request, (error, value) => (error ? reject(new Error(error.details)) : resolve(value)));
    });
  return {
    call,
    stdout,
    log: () => log,
    stop: () =>
      new Promise((resolve) => {
        client.close();
        child.once("exit", resolve);
        child.kill();
      }),
    info: async () => (await call("getAnalyzerInfo", new Empty())).toObject(),
    configureStack(dryRun = true) {
      const request = new pb.AnalyzerStackConfigureRequest();
      request.setStack("dev");
      request.setProject("demo");
      request.setDryRun(dryRun);
      return call("configureStack", request);
    },
    configure(policies) {
      const request = new pb.ConfigureAnalyzerRequest();
      for (const [name, { enforcementLevel, ...properties }] of Object.entries(policies)) {
        const config = new pb.PolicyConfig();
        config.setEnforcementlevel(LEVELS.indexOf(enforcementLevel));
        config.setProperties(Struct.fromJavaScript(properties));
        request.getPolicyconfigMap().set(name, config);
      }
      return call("configure", request);
    },
    analyze: async (type, name, properties) =>
      answer(await call("analyze", resource(new pb.AnalyzeRequest(), type, name, properties))),
    async remediate(type, name, properties) {
      const response = await call("remediate", resource(new pb.AnalyzeRequest(), type, name, properties));
      return response
        .getRemediationsList()
        .map((one) => ({ policy: one.getPolicyname(), properties: one.getProperties()?.toJavaScript() }));
    },
    async analyzeStack(resources) {
      const request = new pb.AnalyzeStackRequest();
      request.setResourcesList(
        resources.map(({ type, name, properties, propertyDependencies = {} }) => {
          const message = resource(new pb.AnalyzerResource(), type, name, properties);
          for (const [property, urns] of Object.entries(propertyDependencies)) {
            const dependencies = new pb.AnalyzerPropertyDependencies();
            dependencies.setUrnsList(urns);
            message.getPropertydependenciesMap().set(property, dependencies);
          }
          message.setDependenciesList([...new Set(Object.values(propertyDependencies).flat())]);
          return message;
        }),
      );
      return answer(await call("analyzeStack", request));
    },
    pluginInfo: async () => (await call("getPluginInfo", new Empty())).toObject(),
    handshake: () => call("handshake", new pb.AnalyzerHandshakeRequest()),
    cancel: () => call("cancel", new Empty()),
  };
}

function resource(message, type, name, properties) {
  message.setType(type);
  message.setName(name);
  message.setUrn(urn(type, name));
  message.setProperties(Struct.fromJavaScript(properties));
  message.setOptions(new pb.AnalyzerResourceOptions());
  if (type.startsWith("aws:")) {
    const provider = new pb.AnalyzerProviderResource();
    provider.setType("pulumi:providers:aws");
    provider.setName("default_7_48_0");
    provider.setUrn(urn("pulumi:providers:aws", "default_7_48_0"));
    provider.setProperties(Struct.fromJavaScript({ region: "eu-west-1", version: "7.48.0" }));
    message.setProvider(provider);
  }
  return message;
}

function answer(response) {
  return {
    diagnostics: response.getDiagnosticsList().map((one) => ({
      policy: one.getPolicyname(),
      level: LEVELS[one.getEnforcementlevel()],
      severity: one.getSeverity(),
      urn: one.getUrn(),
      message: one.getMessage(),
    })),
    notApplicable: response
      .getNotApplicableList()
      .map((one) => ({ policy: one.getPolicyName(), reason: one.getReason() })),
  };
}

export const packFolder = (path) => join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, path);
