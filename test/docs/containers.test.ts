// The page about containers: its YAML parses, asks for no more than the page says, and each command line in it is accepted.

import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { codeBlocks } from '../support/markdown.js';
import { run } from '../support/run.js';

const PAGE = 'docs/docker.md';

interface Service {
  readonly command: string;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly read_only: boolean;
  readonly volumes: readonly string[];
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly readinessProbe?: { readonly exec: { readonly command: readonly string[] } };
  readonly securityContext: {
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[]; readonly add?: readonly string[] };
  };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface Documents {
  readonly compose: { readonly services: Record<string, Service>; readonly volumes: object };
  readonly pod: { readonly spec: { readonly containers: readonly Container[]; readonly volumes: { name: string }[] } };
}

const TAKEN_BY_TAP = ['NET_RAW', 'SETUID', 'SETGID'];

/** By Python's parser, as no package of ours has one. */
async function parseYaml(): Promise<Documents | undefined> {
  const code = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.argv[1])))';
  const blocks = codeBlocks('yaml').filter(({ page }) => page === PAGE);
  const parsed = await Promise.all(blocks.map((block) => run('python3', ['-c', code, block.code])));
  if (parsed.some(({ stderr }) => stderr.includes('ModuleNotFoundError'))) return undefined;
  expect(parsed.map(({ stderr }) => stderr)).toEqual(['', '']);
  const [compose, pod] = parsed.map(({ stdout }) => JSON.parse(stdout.toString()));
  return { compose, pod };
}

const yaml = await parseYaml();
const NO_YAML = 'needs python3 with its package yaml (python3-yaml)';

/** Words as pkttap gets them, parsed by the command's own rules. */
async function accept([name, ...words]: readonly string[]): Promise<void> {
  const { configure } = await import(`../../src/cli/${name}.ts`);
  const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
  configure(command);
  let accepted = false;
  command.action(() => {
    accepted = true;
  });
  await command.parseAsync(words, { from: 'user' });
  expect(accepted).toBe(true);
}

describe('command lines for docker run', () => {
  const lines = codeBlocks('sh').flatMap(({ page, code }) => {
    const commands = code.replaceAll('\\\n', ' ').split('\n');
    return commands.filter((line) => line.startsWith('docker run ')).map((line) => ({ page, line }));
  });

  it('are there', () => {
    expect(lines.filter(({ page }) => page === PAGE).length).toBeGreaterThan(2);
  });

  it.each(lines)('of $page are accepted by pkttap: $line', async ({ line }) => {
    expect(line).toContain(' --cap-drop ALL ');
    await accept(line.split(' pkttap ')[1]!.trim().split(/\s+/));
  });
});

describe('the compose file', () => {
  it('gives the tap alone capabilities, and all the volume and a read-only root', (context) => {
    if (yaml === undefined) return context.skip(NO_YAML);
    const { services, volumes } = yaml.compose;
    const declared = Object.keys(volumes);
    for (const [name, service] of Object.entries(services)) {
      expect(service, name).toMatchObject({ cap_drop: ['ALL'], read_only: true });
      expect(service.cap_add ?? [], name).toEqual(name === 'tap' ? TAKEN_BY_TAP : []);
      expect(
        service.volumes.some((volume) => volume.startsWith('taps:/run/pkttap')),
        name,
      ).toBe(true);
      expect(declared).toEqual(expect.arrayContaining(service.volumes.map((volume) => volume.split(':')[0])));
    }
  });

  it('has commands that pkttap accepts', async (context) => {
    if (yaml === undefined) return context.skip(NO_YAML);
    const commands = Object.values(yaml.compose.services).map(({ command }) => command.split(' '));
    expect(commands.map(([name]) => name)).toEqual(['capture', 'analyze', 'attach']);
    for (const words of commands) await accept(words);
  });
});

describe('the pod', () => {
  const ours = () => yaml?.pod.spec.containers.filter(({ image }) => image === 'pkttap') ?? [];

  it('gives the tap alone capabilities, and all the volume and a read-only root', (context) => {
    if (yaml === undefined) return context.skip(NO_YAML);
    expect(yaml.pod.spec.volumes.map(({ name }) => name)).toEqual(['taps']);
    expect(ours()).toHaveLength(2);
    for (const { args, securityContext, volumeMounts } of ours()) {
      const { drop, add = [] } = securityContext.capabilities;
      expect(drop).toEqual(['ALL']);
      expect(add).toEqual(args[0] === 'capture' ? TAKEN_BY_TAP : []);
      expect(securityContext.readOnlyRootFilesystem).toBe(true);
      expect(volumeMounts).toMatchObject([{ name: 'taps', mountPath: '/run/pkttap' }]);
    }
  });

  it('has commands that pkttap accepts', async (context) => {
    if (yaml === undefined) return context.skip(NO_YAML);
    for (const { args, readinessProbe } of ours()) {
      await accept(args);
      if (readinessProbe !== undefined) await accept(readinessProbe.exec.command.slice(1));
    }
  });
});
