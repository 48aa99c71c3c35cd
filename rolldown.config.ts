// Joins the modules into few: that is what runs, and what `import 'pkttap'` gives. V8 makes a constant part of compiled code only
// where one module has it to itself; what is imported or exported it fetches and checks at each use, which was a tenth of
// the analyzer's time. docs/decisions.md has the figures.

import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

export default defineConfig({
  input: {
    index: 'src/index.ts',
    channel: 'src/channel/index.ts',
    duplex: 'src/channel/duplex/index.ts',
    fdpass: 'src/channel/fdpass.ts',
    'packet-ipc': 'src/packet-ipc/index.ts',
    cli: 'src/cli/main.ts',
    'analyze-worker': 'src/cli/analyze-worker.ts',
    // For the bench, which measures it as it runs.
    analyzer: 'src/analyzer/index.ts',
  },
  platform: 'node',
  external: [/^node:/, ...Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })],
  transform: { target: 'es2023' },
  optimization: { inlineConst: { mode: 'all' } },
  output: {
    // As deep as the rooms are: native/ and package.json are found from either.
    dir: 'dist/bundle',
    chunkFileNames: '[name].js',
    sourcemap: true,
    codeSplitting: {
      groups: [
        // All that every command needs; the next is opened once a command is known.
        { name: 'native', test: /\/src\/(native\/|errors\.ts)/ },
        { name: 'library', test: /\/src\/(?!cli\/|analyzer\/)/ },
        { name: 'analyze-core', test: /\/src\/analyzer\// },
      ],
    },
  },
});
