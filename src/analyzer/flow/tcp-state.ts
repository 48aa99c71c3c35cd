// The state of a TCP connection as its flags tell it: no sequence numbers are checked, so a forged or repeated segment
// moves it as a real one does. States and their names are Suricata's, and so is that a connection whose opening SYN was
// not seen has none: it is counted, times out as a new one, and its payload is not put in order.

/** Flags of a TCP header (RFC 9293). */
export const TcpFlag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16, urg: 32, ecn: 64, cwr: 128 } as const;

/** States, as {@link nextTcpState} gives them. */
export const TcpState = {
  none: 0,
  synSent: 1,
  synRecv: 2,
  established: 3,
  finWait1: 4,
  finWait2: 5,
  closeWait: 6,
  closing: 7,
  lastAck: 8,
  timeWait: 9,
  closed: 10,
} as const;

const NAMES = [
  'none',
  'syn_sent',
  'syn_recv',
  'established',
  'fin_wait1',
  'fin_wait2',
  'close_wait',
  'closing',
  'last_ack',
  'time_wait',
  'closed',
] as const;

/** The name that EVE JSON gives the state. */
export function tcpStateName(state: number): string {
  return NAMES[state] ?? 'none';
}

/** The state after a segment with these flags; `toServer`: the client sent it. */
export function nextTcpState(state: number, flags: number, toServer: boolean): number {
  if ((flags & TcpFlag.syn) !== 0 && (flags & TcpFlag.rst) === 0) return afterSyn(state, flags);
  if (state === TcpState.none) return state;
  if ((flags & TcpFlag.rst) !== 0) return TcpState.closed;
  if ((flags & TcpFlag.fin) !== 0) return afterFin(state, toServer);
  return (flags & TcpFlag.ack) !== 0 ? afterAck(state, toServer) : state;
}

/** Whether a SYN finds a connection in this state to be over, or never begun, and so begins another. */
export function isNewConnection(state: number): boolean {
  return state === TcpState.none || state >= TcpState.lastAck;
}

function afterSyn(state: number, flags: number): number {
  if (state > TcpState.synRecv) return state;
  if ((flags & TcpFlag.ack) === 0) return Math.max(state, TcpState.synSent);
  return state === TcpState.none ? state : TcpState.synRecv;
}

function afterFin(state: number, toServer: boolean): number {
  switch (state) {
    case TcpState.finWait1:
      return toServer ? TcpState.closing : state;
    case TcpState.finWait2:
      return toServer ? TcpState.timeWait : state;
    case TcpState.closeWait:
      return toServer ? state : TcpState.lastAck;
    case TcpState.closing:
    case TcpState.lastAck:
    case TcpState.timeWait:
    case TcpState.closed:
      return state;
    default:
      return toServer ? TcpState.closeWait : TcpState.finWait1;
  }
}

function afterAck(state: number, toServer: boolean): number {
  switch (state) {
    case TcpState.synRecv:
      return toServer ? TcpState.established : state;
    case TcpState.finWait1:
      return toServer ? TcpState.finWait2 : state;
    case TcpState.closing:
      return toServer ? state : TcpState.timeWait;
    case TcpState.lastAck:
      return toServer ? TcpState.closed : state;
    default:
      return state;
  }
}
