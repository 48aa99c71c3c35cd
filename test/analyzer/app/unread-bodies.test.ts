import { describe, expect, it } from 'vitest';
import { AppLayer, type AppListener } from '../../../src/analyzer/app/app-layer.js';
import { eveOf } from '../../support/event-lines.js';

/** A connection of HTTP whose request was seen, and what it tells. */
function asked({ wantsBodies = false } = {}) {
  const events: Record<string, unknown>[] = [];
  const listener: AppListener = {
    wantsBodies,
    transaction: () => {},
    finished: (tx) => events.push(eveOf(tx)),
    anomaly: () => {},
  };
  const app = new AppLayer(listener, { srcPort: 50_000, dstPort: 80 });
  const say = (direction: number, text: string) => app.data(direction, Uint8Array.from(Buffer.from(text, 'latin1')));
  say(0, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  return { app, events, answer: (text: string) => say(1, text) };
}

describe('a body that nobody looks into', () => {
  it('is counted, up to the end of its message', () => {
    const { app, events, answer } = asked();
    answer('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n0123456789');
    expect(app.unread(1)).toBe(990);
    app.pass(1, 900);
    expect(app.unread(1)).toBe(90);
    expect(events).toEqual([]);
    app.pass(1, 90);
    expect(events).toMatchObject([{ http: { status: 200, length: 1000 } }]);
    expect(app.unread(1)).toBe(0);
  });

  it('is counted chunk by chunk, and the lines between them are read', () => {
    const { app, events, answer } = asked();
    answer('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\n');
    expect(app.unread(1)).toBe(16);
    app.pass(1, 16);
    expect(app.unread(1)).toBe(0);
    answer('\r\n0\r\n\r\n');
    expect(events).toMatchObject([{ http: { status: 200, length: 25 } }]);
  });

  it('goes on until the connection ends, where nothing says how long it is', () => {
    const { app, events, answer } = asked();
    answer('HTTP/1.1 200 OK\r\n\r\n');
    expect(app.unread(1)).toBe(Number.POSITIVE_INFINITY);
    app.pass(1, 5000);
    app.close();
    expect(events).toMatchObject([{ http: { status: 200, length: 5000 } }]);
  });

  it('is read where rules may look into it, and so is what comes before both directions are known', () => {
    const withRules = asked({ wantsBodies: true });
    withRules.answer('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
    expect(withRules.app.unread(1)).toBe(0);
    expect(asked().app.unread(0)).toBe(0);
  });
});
