// Memory that is lent for a long message, as both sides see it. It stays its lender's, who fills it again once it was given
// back: so a message costs one copy, into memory that is there already. Its size is sealed, its content is not.
//
//   offset   0   u32   the number of the loan that was given back last; written by the borrower alone
//         4096         the bytes; written by the lender alone
//
// The lender believes nothing in it: a borrower that gives a loan back too early spoils its own message and nothing else.

/** Where the bytes begin. */
export const LOAN_OFFSET = 4096;

/** The longest message that memory is lent for, in bytes. */
export const MAX_LOAN_BYTES = 16 << 20;
