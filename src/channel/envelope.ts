// A message as it goes through a socket: one datagram. Short bodies go inline; longer ones in memory that is lent (loan.ts), the
// longest in sealed memory of their own, which the receiver maps; more descriptors than the kernel takes at once go through a
// socket of their own that is full before it is sent.
//
//   header   u32  0x706b74 << 8 | flags (1: body in sealed memory, 2: descriptors in a socket, 4: body in lent memory)
//            u32  descriptors that belong to the message: neither that memory nor that socket
//   body     the message, unless it is in memory; if that is lent, u32 its bytes, u32 the loan's number
//   beside   [memory] [socket | descriptors]
//
// All of it is little-endian.

/** The longest body that goes inline, in bytes: the kernel's buffer must have room for a few. */
export const MAX_INLINE_BYTES = 65_536;

/** What the kernel takes beside one message (SCM_MAX_FD), less one for the memory. */
export const MAX_FDS_AT_ONCE = 252;

export const HEADER_BYTES = 8;
export const MAGIC = 0x706b7400;

/** Flags. */
export const IN_MEMORY = 1;
export const IN_SOCKET = 2;
export const IN_LOAN = 4;

/** The body of a message in lent memory. */
export const LOAN_TERMS_BYTES = 8;
