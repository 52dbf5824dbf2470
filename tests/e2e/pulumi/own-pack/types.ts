// Compiled, never run: stackproof's policies are what @pulumi/policy takes.
import { type Policies, PolicyPack } from "@pulumi/policy";
import { policies, servePack, writePack } from "stackproof/pulumi";

const ours: Policies = policies({ preset: "production", rules: ["kms-rotation"] });
new PolicyPack("ours", { policies: [...ours, ...policies()] });
export const files: string[] = writePack("folder", { kind: "own", name: "ours" });
export const serving: (folder: string) => void = servePack;
