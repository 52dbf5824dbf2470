/** Serves the policy pack over Pulumi's analyzer protocol (`pulumi/proto/pulumi/analyzer.proto`). */

import type { Severity } from "../report";
import { violation } from "./message";
import { type Answer, type Core, Pack, type Shown, type StackResource } from "./pack";
import { loadProtocol, type Protocol } from "./protocol";
import { type ConfiguredRule, type Level, type PolicyConfig, reason } from "./settings";
import type { Properties } from "./wire";

export const PACK_NAME = "stackproof";

/** As much as Pulumi's own servers take: a resource may carry large documents. */
const LARGEST_MESSAGE = 400 << 20;

/**
 * Serves until the engine ends the process. The port is the first line on standard output, where nothing else may be
 * written; all logging goes to standard error.
 */
export function serve(folder: string, core: Core): void {
  const protocol = loadProtocol(folder);
  const pack = new Pack(core);
  const { grpc, services } = protocol;
  const server = new grpc.Server({
    "grpc.max_receive_message_length": LARGEST_MESSAGE,
    "grpc.max_send_message_length": LARGEST_MESSAGE,
  });
  const calls = handlers(protocol, pack);
  const implementation: Record<string, unknown> = {};
  for (const [name, handle] of Object.entries(calls)) {
    implementation[name] = (call: { request: never }, done: (error: object | null, value?: unknown) => void) => {
      let value: unknown;
      try {
        value = handle(call.request);
      } catch (error) {
        // The engine stops at an error: what could not be checked has not passed.
        done({ code: grpc.status.UNKNOWN, details: `stackproof: ${reason(error)}` });
        return;
      }
      done(null, value);
    };
  }
  server.addService(services.AnalyzerService as never, implementation as never);
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      console.error(`stackproof: cannot listen: ${error.message}`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
  process.once("SIGTERM", () => {
    pack.close();
    process.exit(0);
  });
}

/** Each call of the protocol: a message in, a message out. */
function handlers(protocol: Protocol, pack: Pack) {
  const { messages, plugin, Empty, Struct } = protocol;
  const levels: Record<Level, number> = {
    advisory: messages.EnforcementLevel.ADVISORY,
    mandatory: messages.EnforcementLevel.MANDATORY,
    disabled: messages.EnforcementLevel.DISABLED,
    remediate: messages.EnforcementLevel.REMEDIATE,
  };
  const severities: Record<Severity, number> = {
    critical: messages.PolicySeverity.POLICY_SEVERITY_CRITICAL,
    high: messages.PolicySeverity.POLICY_SEVERITY_HIGH,
    medium: messages.PolicySeverity.POLICY_SEVERITY_MEDIUM,
    low: messages.PolicySeverity.POLICY_SEVERITY_LOW,
    info: messages.PolicySeverity.POLICY_SEVERITY_UNSPECIFIED,
  };
  type M = typeof messages;
  type AnalyzeRequest = InstanceType<M["AnalyzeRequest"]>;
  type AnalyzerResource = InstanceType<M["AnalyzerResource"]>;

  function policyInfo({ rule, level, advertised, parameters }: ConfiguredRule) {
    const info = new messages.PolicyInfo();
    info.setName(rule.id);
    info.setDisplayname(rule.title);
    info.setDescription(rule.title);
    info.setEnforcementlevel(levels[advertised] as never);
    info.setSeverity(severities[level === "off" ? rule.severity : level] as never);
    info.setPolicyType(
      rule.scope === "single-resource"
        ? messages.PolicyType.POLICY_TYPE_RESOURCE
        : messages.PolicyType.POLICY_TYPE_STACK,
    );
    info.setTagsList([rule.category, rule.preset]);
    if (rule.docs) info.setUrl(rule.docs);
    if (rule.fix === "safe")
      info.setRemediationSteps("Set this policy's enforcementLevel to remediate, or follow the fix in its message.");
    if (rule.fix === "suggested") info.setRemediationSteps("Follow the fix in the policy's message.");
    if (Object.keys(parameters).length > 0) {
      const schema = new messages.PolicyConfigSchema();
      schema.setProperties(Struct.fromJavaScript(parameters as never));
      info.setConfigschema(schema);
    }
    return info;
  }

  function shown(message: AnalyzeRequest | AnalyzerResource): Shown {
    const provider = message.getProvider();
    return {
      urn: message.getUrn(),
      type: message.getType(),
      name: message.getName(),
      properties: (message.getProperties()?.toJavaScript() ?? {}) as Properties,
      provider: provider && {
        urn: provider.getUrn(),
        type: provider.getType(),
        name: provider.getName(),
        properties: (provider.getProperties()?.toJavaScript() ?? {}) as Properties,
      },
    };
  }

  function stackResource(message: AnalyzerResource): StackResource {
    const propertyDependencies: Record<string, string[]> = {};
    message.getPropertydependenciesMap().forEach((urns: { getUrnsList(): string[] }, name: string) => {
      propertyDependencies[name] = urns.getUrnsList();
    });
    return {
      ...shown(message),
      parent: message.getParent(),
      dependencies: message.getDependenciesList(),
      propertyDependencies,
    };
  }

  function analyzeResponse(answer: Answer) {
    const response = new messages.AnalyzeResponse();
    response.setDiagnosticsList(
      answer.violations.map(({ finding, urn, level }) => {
        const diagnostic = new messages.AnalyzeDiagnostic();
        diagnostic.setPolicyname(finding.rule);
        diagnostic.setPolicypackname(PACK_NAME);
        diagnostic.setPolicypackversion(pack.version);
        diagnostic.setDescription(pack.settings().rules.get(finding.rule)?.rule.title ?? "");
        diagnostic.setMessage(violation(finding));
        diagnostic.setEnforcementlevel(levels[level] as never);
        diagnostic.setSeverity(severities[finding.severity] as never);
        diagnostic.setUrn(urn);
        return diagnostic;
      }),
    );
    response.setNotApplicableList(
      answer.undetermined.map(({ rule, reason: why }) => {
        const entry = new messages.PolicyNotApplicable();
        entry.setPolicyName(rule);
        entry.setReason(why);
        return entry;
      }),
    );
    return response;
  }

  return {
    handshake: () => new messages.AnalyzerHandshakeResponse(),

    getPluginInfo() {
      const info = new plugin.PluginInfo();
      info.setVersion(pack.version);
      return info;
    },

    getAnalyzerInfo() {
      const info = new messages.AnalyzerInfo();
      info.setName(PACK_NAME);
      info.setDisplayname("stackproof");
      info.setDescription("Proves an AWS stack before it is deployed");
      info.setVersion(pack.version);
      info.setProvider("aws");
      info.setSupportsconfig(true);
      info.setPoliciesList([...pack.settings().rules.values()].map(policyInfo));
      return info;
    },

    configureStack(request: InstanceType<M["AnalyzerStackConfigureRequest"]>) {
      pack.configureStack(request.getProject(), request.getStack(), request.getDryRun());
      return new messages.AnalyzerStackConfigureResponse();
    },

    configure(request: InstanceType<M["ConfigureAnalyzerRequest"]>) {
      const byNumber = Object.fromEntries(Object.entries(levels).map(([name, number]) => [number, name as Level]));
      const policies = new Map<string, PolicyConfig>();
      request.getPolicyconfigMap().forEach((config: InstanceType<M["PolicyConfig"]>, name: string) => {
        const parameters = (config.getProperties()?.toJavaScript() ?? {}) as Record<string, unknown>;
        policies.set(name, { level: byNumber[config.getEnforcementlevel()] ?? "mandatory", parameters });
      });
      pack.configure(policies);
      return new Empty();
    },

    analyze: (request: AnalyzeRequest) => analyzeResponse(pack.analyze(shown(request))),

    analyzeStack: (request: InstanceType<M["AnalyzeStackRequest"]>) =>
      analyzeResponse(pack.analyzeStack(request.getResourcesList().map(stackResource))),

    remediate(request: AnalyzeRequest) {
      const response = new messages.RemediateResponse();
      response.setRemediationsList(
        pack.remediate(shown(request)).map(({ rule, title, properties }) => {
          const remediation = new messages.Remediation();
          remediation.setPolicyname(rule);
          remediation.setPolicypackname(PACK_NAME);
          remediation.setPolicypackversion(pack.version);
          remediation.setDescription(title);
          remediation.setProperties(Struct.fromJavaScript(properties as never));
          return remediation;
        }),
      );
      return response;
    },

    cancel() {
      pack.close();
      return new Empty();
    },
  };
}
