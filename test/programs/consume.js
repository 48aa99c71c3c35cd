// A consumer in a process of its own, for tests that stop or kill it: consume.js TAP OPTIONS. Checks that what it reads is
// what numbered packets must be, in order and without gaps but for those it was told of. Says `attached`; with
// `holdAfter`, `holding` in the middle of a batch after that many packets, and then waits for a line on standard input;
// at the end, its first packet's number, its counts and how the stream ended. Each is one line of JSON on standard output.

import { once } from 'node:events';
import { attach } from 'pkttap';

const [tap, json = '{}'] = process.argv.slice(2);
const { holdAfter = 0, ...options } = JSON.parse(json);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const report = { read: 0, wrong: 0 };
try {
  const consumer = await attach(tap, { timeoutMs: 60_000, ...options });
  say({ attached: consumer.policy });
  try {
    await readAll(consumer);
    report.end = consumer.end?.reason;
  } catch ({ code, message }) {
    Object.assign(report, { code, message });
  }
  report.policy = consumer.policy;
  const { source, ...counters } = consumer.counters();
  Object.assign(report, counters, { published: source.published });
  consumer.close();
} catch ({ code, message }) {
  Object.assign(report, { code, message });
}
say(report);
process.stdin.destroy();

async function readAll(consumer) {
  let expected;
  for await (const batch of consumer) {
    if (expected !== undefined) expected += BigInt(batch.missedBefore);
    for (const packet of batch) {
      const { sequence } = packet;
      const isRight = packet.caplen === 100 && packet.u8(99) === Number((sequence + 99n) & 255n);
      // One that was overwritten under our eyes says so, and may look like anything.
      if (packet.isIntact()) {
        expected ??= sequence;
        report.first ??= Number(sequence);
        if (!isRight || expected !== sequence) report.wrong++;
      }
      if (expected !== undefined) expected++;
      if (++report.read === holdAfter) await hold();
    }
  }
}

async function hold() {
  say({ holding: report.read });
  await once(process.stdin, 'data');
}
