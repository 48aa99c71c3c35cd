// The project's own pages as tests see them: code blocks, sections, and words in backticks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

/** Files that are checked: the README and all of docs/. */
export function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.map((name) => `docs/${name}`)];
}

export function textOf(page: string): string {
  return readFileSync(join(ROOT, page), 'utf8');
}

export interface CodeBlock {
  readonly page: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
  readonly code: string;
}

/** All fenced blocks of a language, over all pages. */
export function codeBlocks(language: string): CodeBlock[] {
  const fence = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, 'gms');
  return pages().flatMap((page) => {
    const text = textOf(page);
    return [...text.matchAll(fence)].map((match) => {
      const line = text.slice(0, match.index).split('\n').length + 1;
      return { page, line, code: match[1]! };
    });
  });
}

/** The text under a heading of the second level. Throws where there is none. */
export function section(page: string, heading: string): string {
  const parts = textOf(page).split(/^## /m);
  const found = parts.find((part) => part.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`${page} has no section ${heading}`);
  return found;
}

/** Options in backticks in the first column of a page's tables: `-x`, `--multiplier <n>`. */
export function documentedOptions(text: string): string[] {
  const cells = [...text.matchAll(/^\| (`-.*?) \|/gm)].map((match) => match[1]!);
  return cells.flatMap((cell) => [...cell.matchAll(/`(-[^`]*)`/g)].map((match) => match[1]!));
}
