// The last words of a test run: what was skipped and why (a test that doesn't run must not go unnoticed), then one line
// for programs that read the log: `N passed, N failed, N skipped`.

import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Reports after Vitest's own reporter. A file that doesn't load and an error outside any test count as failed, too. */
export class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const broken = modules.reduce((sum, module) => sum + suiteErrors(module), unhandledErrors.length);

    for (const test of tests) {
      if (test.result().state === 'skipped') console.log(skipLine(test));
    }
    console.log(`${count('passed')} passed, ${count('failed') + broken} failed, ${count('skipped')} skipped`);
  }
}

function suiteErrors(module: TestModule): number {
  const suites = [...module.children.allSuites()];
  return module.errors().length + suites.reduce((sum, suite) => sum + suite.errors().length, 0);
}

function skipLine(test: TestCase): string {
  const result = test.result();
  const note = 'note' in result && result.note ? ` (${result.note})` : '';
  return `SKIPPED ${test.module.relativeModuleId}: ${test.fullName}${note}`;
}
