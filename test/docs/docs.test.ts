// Pages rot unless they are run: every option and error is on its page, every example is tried.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configure as analyze } from '../../src/cli/analyze.js';
import { configure as attach } from '../../src/cli/attach.js';
import { configure as capture } from '../../src/cli/capture.js';
import { configure as control } from '../../src/cli/control.js';
import { configure as devices } from '../../src/cli/devices.js';
import { configure as doctor } from '../../src/cli/doctor.js';
import { configure as list } from '../../src/cli/list.js';
import { configure as replay } from '../../src/cli/replay.js';
import { configure as stats } from '../../src/cli/stats.js';
import { configure as top } from '../../src/cli/top.js';
import { codeBlocks, documentedOptions, pages, section, textOf } from '../support/markdown.js';
import { DEMO_PCAPNG, makeTapFolder } from '../support/pkttap.js';
import { output } from '../support/run.js';
import { compileAsUser } from '../support/user-typescript.js';

const ROOT = join(import.meta.dirname, '../..');
const MANUAL = 'docs/pkttap.1.md';

/** Every command, and the sections of the manual that describe its options. */
const COMMANDS: Readonly<Record<string, { configure: (command: Command) => void; shared?: string }>> = {
  capture: { configure: capture, shared: 'Options of every tap' },
  replay: { configure: replay, shared: 'Options of every tap' },
  attach: { configure: attach, shared: 'Options of every consumer' },
  analyze: { configure: analyze, shared: 'Options of every consumer' },
  control: { configure: control },
  list: { configure: list },
  stats: { configure: stats },
  top: { configure: top },
  devices: { configure: devices },
  doctor: { configure: doctor },
};

function makeCommand(name: string): Command {
  const command = new Command(name).exitOverride().configureOutput({ writeErr: () => {} });
  COMMANDS[name]!.configure(command);
  return command;
}

describe('the manual', () => {
  for (const [name, { shared }] of Object.entries(COMMANDS)) {
    it(`has the options of ${name}, all of them and no others, with their values`, () => {
      const own = section(MANUAL, `pkttap ${name}`);
      const documented = documentedOptions(own + (shared ? section(MANUAL, shared) : ''));
      expect(documented.sort()).toEqual(
        makeCommand(name)
          .options.flatMap(({ flags }) => flags.split(', '))
          .sort(),
      );
    });
  }

  it('has a synopsis of every command', () => {
    const synopsis = section(MANUAL, 'Synopsis').match(/^pkttap \S+/gm);
    expect(synopsis).toEqual(Object.keys(COMMANDS).map((name) => `pkttap ${name}`));
  });
});

describe('the page of errors', () => {
  it('has every code, once, and no others', () => {
    const codes = readFileSync(join(ROOT, 'src/errors.ts'), 'utf8').match(/(?<=\| ')ERR_TAP_\w+(?=')/g)!;
    const rows = [...textOf('docs/errors.md').matchAll(/^\| `(ERR_TAP_\w+)` \|/gm)].map((match) => match[1]!);
    expect(rows.sort()).toEqual([...codes].sort());
  });
});

describe('examples', () => {
  const lines = codeBlocks('sh').flatMap(({ page, code }) => {
    const commands = code.split('\n').filter((line) => line.startsWith('pkttap '));
    return commands.map((line) => ({ page, line: line.replace(/\s+#.*$/, '') }));
  });

  it('are there', () => {
    expect(lines.length).toBeGreaterThan(20);
  });

  for (const { page, line } of lines) {
    it(`of ${page} are accepted: ${line}`, async () => {
      const [name, ...words] = line.split(/[|>&]/)[0]!.trim().split(/\s+/).slice(1);
      const command = makeCommand(name!);
      let accepted: readonly unknown[] | undefined;
      command.action((...args: unknown[]) => {
        accepted = args;
      });
      await command.parseAsync(words, { from: 'user' });
      expect(accepted).toBeDefined();
    });
  }

  it('in TypeScript compile against the package, and the first consumer of the README runs', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pkttap-docs-'));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const blocks = codeBlocks('ts');
    expect(blocks[0]!.page).toBe('README.md');
    for (const [i, { code }] of blocks.entries()) writeFileSync(join(directory, `example-${i}.ts`), code);
    const sources = blocks.map((_, i) => `example-${i}.ts`);
    expect(withPlaces(await compileAsUser(directory, sources))).toBe('');

    const folder = makeTapFolder();
    folder.start(['replay', '-t', '--wait-for', '1', DEMO_PCAPNG]);
    const consumer = folder.spawn('node', [join(directory, 'example-0.js')]);
    const printed = await consumer.ended;
    const lengths = await output('tshark', ['-r', DEMO_PCAPNG, '-Y', TO_443, '-T', 'fields', '-e', 'frame.len']);
    const bytes = lengths
      .toString()
      .split('\n')
      .reduce((sum, text) => sum + Number(text), 0);
    expect(bytes).toBeGreaterThan(0);
    expect(printed.stdout.toString()).toContain(`${bytes} bytes to port 443 {`);
    expect(printed.status, printed.stderr).toBe(0);
  });
});

describe('links', () => {
  it('from page to page lead somewhere', () => {
    const broken = pages().flatMap((page) => {
      const targets = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1]!);
      const folder = join(ROOT, page, '..');
      return targets.filter((target) => !existsSync(join(folder, target))).map((target) => `${page}: ${target}`);
    });
    expect(broken).toEqual([]);
  });
});

/** Headers of packets inside ICMP errors have ports, too; those are not the packet's own. */
const TO_443 = '(tcp.dstport == 443 or udp.dstport == 443) and not icmp and not icmpv6';

/** The compiler's messages with the pages they are about. */
function withPlaces(messages: string): string {
  const blocks = codeBlocks('ts');
  return messages.replace(/example-(\d+)\.ts\((\d+),/g, (_, i, line) => {
    const { page, line: first } = blocks[Number(i)]!;
    return `${page}(${first + Number(line) - 1},`;
  });
}
