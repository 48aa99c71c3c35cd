// QUIC's first packets, made by hand: whatever their version, however the hello is cut, and whatever is wrong with them.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bufferText, say, start, talk } from '../../support/app-talk.js';
import { concat, hex } from '../../support/frames.js';
import {
  clientHello,
  cryptoFrame,
  extension,
  googlePacket,
  initialPacket,
  serverHello,
  serverName,
  VERSIONS,
} from '../../support/quic.js';

const QUIC = { protocol: 17, dstPort: 4433 };
const DCID = hex('8394c8f03e515708');
const OTHER_ID = hex('f067a5502a4262b5');
const NOBODY = new Uint8Array(0);
const PING = hex('01');
const padded = (frames: Uint8Array, length = 1162) =>
  concat(frames, new Uint8Array(Math.max(0, length - frames.length)));
const helloTo = (name: string) => clientHello([...serverName(name), ...extension(16, [0, 3, 2, 0x68, 0x33])]);
const HELLO = helloTo('example.org');
const first = (frames: Uint8Array, more = {}) => initialPacket({ dcid: DCID, frames: padded(frames), ...more });
const ASKED = first(cryptoFrame(0, HELLO));
const ANSWER = {
  dcid: NOBODY,
  scid: OTHER_ID,
  keyId: DCID,
  direction: 1,
  frames: padded(concat(hex('0200000000'), cryptoFrame(0, serverHello()))),
};
const ANSWERED = initialPacket(ANSWER);
const namesOf = (events: readonly Record<string, unknown>[]) =>
  events.map(({ quic }) => (quic as { sni?: string }).sni);

describe('QUIC', () => {
  it('is told with both hellos, on any port', () => {
    const { events, app, anomalies } = talk(
      [
        ['>', ASKED],
        ['<', ANSWERED],
      ],
      QUIC,
    );
    expect(events).toEqual([
      {
        quic: {
          version: '1',
          sni: 'example.org',
          ja3: { hash: expect.any(String) as string, string: '771,4865-4866,0-16,,' },
          ja4: expect.stringMatching(/^q12d0202h3_[0-9a-f]{12}_[0-9a-f]{12}$/) as string,
          extensions: [
            { name: 'server_name', type: 0, values: ['example.org'] },
            { name: 'alpn', type: 16, values: ['h3'] },
          ],
        },
      },
      {
        quic: {
          version: '1',
          ja3s: { hash: expect.any(String) as string, string: '771,4865,43' },
          extensions: [{ name: 'supported_versions', type: 43, values: ['Tls13'] }],
        },
      },
    ]);
    expect(anomalies).toEqual([]);
    expect(app).toMatchObject({ protocol: 'quic', done: true });
  });

  it('is decrypted as in the samples of RFC 9001, appendix A', () => {
    const hello = hex(`
      010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c000004130113020100
      00c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d0017001800100007000504616c706e
      000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748
      002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffff
      ffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e51570806048000ffff`);
    const packet = first(concat(hex('060040f1'), hello), { number: 2 });
    expect(packet.subarray(0, 34).toString('hex')).toBe(
      'c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242',
    );
    expect(packet.subarray(-16).toString('hex')).toBe('e221af44860018ab0856972e194cd934');
    const answer = hex(`
      cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb38cc5a99f
      5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb84022f8ef4cdd93795
      d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee`);
    const { events, anomalies } = talk(
      [
        ['>', packet],
        ['<', answer],
      ],
      QUIC,
    );
    expect(anomalies).toEqual([]);
    expect(events).toMatchObject([
      { quic: { sni: 'example.com', ja3: { string: '771,4865-4866,0-65281-10-16-5-51-43-13-45-28-57,29-23-24,' } } },
      { quic: { ja3s: { string: '771,4865,51-43' } } },
    ]);
  });

  it.each(VERSIONS.map((version) => [version.toString(16), version] as const))(
    'of version %s is read',
    (_, version) => {
      const { events } = talk([['>', first(cryptoFrame(0, HELLO), { version })]], QUIC);
      expect(namesOf(events)).toEqual(['example.org']);
    },
  );

  it('is read when the server chooses another version', () => {
    const { events } = talk(
      [
        ['>', ASKED],
        ['<', initialPacket({ ...ANSWER, version: 0x6b3343cf })],
      ],
      QUIC,
    );
    expect(events[1]).toMatchObject({ quic: { version: 'v2', ja3s: { string: '771,4865,43' } } });
  });

  it.each([1, 2, 3, 4])('is read with packet numbers of %i bytes', (numberBytes) => {
    const { events } = talk([['>', first(cryptoFrame(0, HELLO), { numberBytes, number: 7 })]], QUIC);
    expect(namesOf(events)).toEqual(['example.org']);
  });

  it('has a hello put together from frames in any order, over packets and datagrams, an event each', () => {
    const piece = (from: number, to: number) => cryptoFrame(from, HELLO.subarray(from, to));
    const one = first(concat(piece(50, 60), PING, piece(20, 30)));
    const two = concat(
      initialPacket({ dcid: DCID, number: 1, frames: concat(piece(55, 999), piece(28, 50)) }),
      first(piece(0, 21), { number: 2 }),
    );
    const { events, anomalies } = talk(
      [
        ['>', one],
        ['>', two],
      ],
      QUIC,
    );
    expect(namesOf(events)).toEqual([undefined, undefined, 'example.org']);
    expect(anomalies).toEqual([]);
  });

  it('begins anew behind a Retry, with the keys of the id that the server chose', () => {
    const retry = concat(hex('f0 00000001 00 08'), OTHER_ID, hex('aabbcc'), new Uint8Array(16));
    const again = first(cryptoFrame(0, HELLO), { dcid: OTHER_ID, token: hex('aabbcc') });
    const answer = initialPacket({ ...ANSWER, keyId: OTHER_ID });
    const { events, app, anomalies } = talk(
      [
        ['>', ASKED],
        ['<', retry],
        ['>', again],
        ['<', answer],
      ],
      QUIC,
    );
    expect(namesOf(events)).toEqual(['example.org', undefined, 'example.org', undefined]);
    expect(anomalies).toEqual([]);
    expect(app.done).toBe(true);
  });

  it('is read behind a packet with other keys: a Retry that was not captured, or a decoy', () => {
    const decoy = first(cryptoFrame(0, helloTo('decoy.example').subarray(0, 40)), { dcid: OTHER_ID });
    expect(
      namesOf(
        talk(
          [
            ['>', decoy],
            ['>', ASKED],
          ],
          QUIC,
        ).events,
      ),
    ).toEqual([undefined, 'example.org']);
  });

  it('is read whole where a piece of another hello came before it', () => {
    const decoy = first(cryptoFrame(0, helloTo('decoy.example').subarray(0, 70)));
    const { events } = talk(
      [
        ['>', decoy],
        ['>', ASKED],
      ],
      QUIC,
    );
    expect(namesOf(events)).toEqual([undefined, 'example.org']);
  });

  it('goes on with its keys when the client uses the id that the server chose', () => {
    const half = (from: number, to: number) => cryptoFrame(from, HELLO.subarray(from, to));
    const later = first(half(30, 999), { dcid: OTHER_ID, keyId: DCID, number: 1 });
    expect(
      namesOf(
        talk(
          [
            ['>', first(half(0, 30))],
            ['>', later],
          ],
          QUIC,
        ).events,
      ),
    ).toEqual([undefined, 'example.org']);
  });

  it('tells of a version negotiation, and of versions made up to provoke one', () => {
    const odd = Buffer.from(ASKED);
    odd.writeUInt32BE(0x1a2a3a4a, 1);
    const offer = concat(hex('80 00000000 00 08'), OTHER_ID, hex('2a3a4a5a 00000001'));
    const { events, anomalies } = talk(
      [
        ['>', odd],
        ['<', offer],
        ['>', ASKED],
      ],
      QUIC,
    );
    expect(events).toMatchObject([
      { quic: { version: '1a2a3a4a' } },
      { quic: { version: '0' } },
      { quic: { sni: 'example.org' } },
    ]);
    expect(anomalies).toEqual([]);
  });

  it('passes over early data, and handshake packets behind the hello', () => {
    const rest = concat(hex('d0 00000001 08'), DCID, hex('00 40 20'), new Uint8Array(32));
    const { events, anomalies } = talk(
      [
        ['>', concat(first(PING), rest)],
        ['>', rest],
        ['>', ASKED],
      ],
      QUIC,
    );
    expect(namesOf(events)).toEqual([undefined, 'example.org']);
    expect(anomalies).toEqual([]);
  });

  it('lists extensions by name, and those that clients make up as one number', () => {
    const hello = clientHello([...extension(0x1a1a, []), ...extension(65281, [0]), ...extension(17513, [])]);
    const [event] = talk([['>', first(cryptoFrame(0, hello))]], QUIC).events;
    expect(event).toMatchObject({
      quic: { extensions: [{ type: 0xfafa }, { name: 'renegotiation_info', type: 65281 }, { type: 17513 }] },
    });
  });

  it('fills the buffers of rules', () => {
    const { transactions } = talk(
      [
        ['>', ASKED],
        ['<', ANSWERED],
      ],
      QUIC,
    );
    const [asked, answered] = transactions;
    expect(bufferText(asked!, 'quic.version', 0)).toBe('\0\0\0\x01');
    expect(bufferText(asked!, 'quic.sni', 0)).toBe('example.org');
    expect(bufferText(asked!, 'ja3.string', 0)).toMatch(/^771,/);
    expect(bufferText(asked!, 'ja3.hash', 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(bufferText(asked!, 'ja4.hash', 0)).toMatch(/^q12/);
    expect(asked!.buffers('quic.sni', 1)).toEqual([]);
    expect(bufferText(answered!, 'ja3s.string', 1)).toBe('771,4865,43');
    expect(bufferText(answered!, 'ja3s.hash', 1)).toMatch(/^[0-9a-f]{32}$/);
    expect(answered!.buffers('quic.sni', 1)).toEqual([]);
  });
});

describe("Google's QUIC", () => {
  const TAGS = { PAD: '---', SNI: 'example.org', UAID: 'agent/1', VER: 'Q046' };

  it.each(['Q043', 'Q044', 'Q045', 'Q046'])('of version %s is told with its fingerprint', (version) => {
    const { events, transactions } = talk([['>', googlePacket({ version, tags: TAGS })]], QUIC);
    const string = `${version === 'Q045' ? '44' : version.slice(2)},PAD-SNI-UAID-VER`;
    expect(events).toMatchObject([
      { quic: { version, sni: 'example.org', ua: 'agent/1', cyu: [{ hash: expect.any(String) as string, string }] } },
    ]);
    expect(bufferText(transactions[0]!, 'quic.ua', 0)).toBe('agent/1');
    expect(bufferText(transactions[0]!, 'quic.cyu.string', 0)).toBe(string);
    expect(bufferText(transactions[0]!, 'quic.cyu.hash', 0)).toMatch(/^[0-9a-f]{32}$/);
    expect(bufferText(transactions[0]!, 'quic.version', 0)).toBe(version);
  });

  it('has no fingerprint before Q043', () => {
    const { events } = talk([['>', googlePacket({ version: 'Q039', tags: TAGS })]], QUIC);
    expect(events).toEqual([{ quic: { version: 'Q039', sni: 'example.org', ua: 'agent/1' } }]);
  });

  it.each([5, 30, 60])('that is cut by %i bytes tells its version only', (bytes) => {
    const packet = googlePacket({ version: 'Q046', tags: TAGS });
    const told = talk([['>', packet.subarray(0, -bytes)]], QUIC);
    expect(told.events).toEqual([{ quic: { version: 'Q046' } }]);
    expect(told.anomalies).toEqual(['quic error_on_data']);
  });
});

describe('what is wrong with QUIC', () => {
  const changed = Buffer.from(ASKED);
  changed[200]! ^= 1;

  it.each([
    ['a packet that was changed', changed, 'failed_decrypt'],
    ['a frame beyond the end', initialPacket({ dcid: DCID, frames: hex('060040ff 01') }), 'error_on_data'],
    ['a hello beyond all bounds', first(cryptoFrame(70_000, PING)), 'crypto_frag_too_long'],
  ])('%s is told, and the next one is read', (_, packet, anomaly) => {
    const { events, anomalies } = talk(
      [
        ['>', packet],
        ['>', ASKED],
      ],
      QUIC,
    );
    expect(anomalies).toEqual([`quic ${anomaly}`]);
    expect(namesOf(events)).toEqual([undefined, 'example.org']);
  });

  it('an answer without its question is nothing', () => {
    expect(
      talk(
        [
          ['>', concat(hex('f0 00000001 00 00'), new Uint8Array(20))],
          ['<', ANSWERED],
        ],
        QUIC,
      ).anomalies,
    ).toEqual([]);
  });

  it.each([
    ['no QUIC', hex('c0 00000002 00 00 00 10 0000000000000000000000000000000000')],
    ['an id that is too long', concat(hex('c0 00000001 15'), new Uint8Array(60))],
    ['a length beyond the datagram', ASKED.subarray(0, 1000)],
    ['a packet too short to be one', hex('c0 00000001 00 00 00 02 0000')],
    ['only a beginning', ASKED.subarray(0, 4)],
    ['an offer of no known version', hex('80 00000000 00 00 00000002')],
    ['a packet without version', hex('40 0102030405060708')],
  ])('a flow that begins with %s is none', (_, bytes) => {
    const told = start(QUIC);
    say(told.app, 0, bytes);
    expect(told.app.protocol).toBe('failed');
    expect(told.events).toEqual([]);
  });

  it('a flow is let go when so many packets have told nothing', () => {
    const told = start(QUIC);
    for (let i = 0; i < 64; i++) say(told.app, 0, ANSWERED);
    expect(told.app.done).toBe(true);
  });

  it('what stands in a hello throws nothing, whatever it is', () => {
    const hello = fc
      .uint8Array({ maxLength: 300 })
      .map((body) => Buffer.from([1, 0, body.length >> 8, body.length & 255, ...body]));
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      hello.map((bytes) => cryptoFrame(0, bytes)),
    );
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 4 }), (packets) => {
        const datagrams = packets.map(
          (bytes) => ['>', initialPacket({ dcid: DCID, frames: padded(bytes, 40) })] as const,
        );
        expect(talk(datagrams, QUIC).events).toHaveLength(packets.length);
      }),
      { seed: 20_261_121, numRuns: 100 },
    );
  });

  it('a datagram of countless packets is not looked at to its end', () => {
    const tiny = concat(hex('d0 00000001 00 00 11'), new Uint8Array(17));
    const { events } = talk([['>', concat(...Array.from({ length: 50 }, () => tiny))]], QUIC);
    expect(events.length).toBeLessThanOrEqual(8);
  });
});
