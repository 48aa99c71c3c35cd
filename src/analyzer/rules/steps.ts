// What a rule asks of the bytes of one buffer, one step after the other. Only data; detect/ carries them out.

/** A number, or the name of a variable that an earlier byte_extract or byte_math of the rule set. */
export type Amount = number | string;

/** Bytes that must be there, or must not. */
export interface ContentStep {
  readonly kind: 'content';
  /** In lower case if `nocase`. */
  readonly bytes: Uint8Array;
  readonly nocase: boolean;
  readonly negated: boolean;
  /** Not before this offset; default 0. */
  readonly offset?: Amount;
  /** Whole within so many bytes from the offset. */
  readonly depth?: Amount;
  /** Begins so many bytes after the last match; makes the step relative. */
  readonly distance?: Amount;
  /** Ends at most so many bytes after the last match (and distance); makes the step relative. */
  readonly within?: Amount;
  readonly endswith: boolean;
  /** The rule asks for this one to be looked for first. */
  readonly fastPattern: boolean;
}

/** A regular expression. */
export interface PcreStep {
  readonly kind: 'pcre';
  /** With the flag `g`, over bytes as Latin-1 characters. */
  readonly expression: RegExp;
  readonly negated: boolean;
  readonly relative: boolean;
}

/** Whether so many bytes follow. */
export interface IsDataAtStep {
  readonly kind: 'isdataat';
  readonly amount: Amount;
  readonly negated: boolean;
  readonly relative: boolean;
}

/** How a number is read from bytes. */
export interface NumberFormat {
  /** Bytes of the number, or digits of its text. */
  readonly bytes: Amount;
  /** 0: binary; else the base of its digits. */
  readonly base: number;
  readonly littleEndian: boolean;
  /** 0: all bits. The value is moved right by the mask's lowest bits that are 0. */
  readonly bitmask: number;
}

/** Compares a number in the bytes. */
export interface ByteTestStep {
  readonly kind: 'byte_test';
  readonly format: NumberFormat;
  readonly operator: '<' | '>' | '=' | '<=' | '>=' | '&' | '^';
  readonly negated: boolean;
  readonly value: Amount;
  readonly offset: Amount;
  readonly relative: boolean;
}

/** Moves the end of the last match by a number in the bytes. */
export interface ByteJumpStep {
  readonly kind: 'byte_jump';
  readonly format: NumberFormat;
  readonly offset: Amount;
  readonly relative: boolean;
  readonly multiplier: number;
  /** The jump is rounded up to a multiple of 4. */
  readonly align: boolean;
  /** Counted from the first byte of the buffer, or from its last, instead of from the number's end. */
  readonly from: 'here' | 'beginning' | 'end';
  readonly postOffset: number;
}

/** Keeps a number of the bytes as a variable. */
export interface ByteExtractStep {
  readonly kind: 'byte_extract';
  readonly format: NumberFormat;
  readonly offset: Amount;
  readonly relative: boolean;
  readonly multiplier: number;
  /** The value is rounded up to a multiple of this; 0: not. */
  readonly align: number;
  readonly name: string;
}

/** Keeps what comes out of a number of the bytes and another one as a variable. All numbers have 64 bits, without a sign. */
export interface ByteMathStep {
  readonly kind: 'byte_math';
  readonly format: NumberFormat;
  readonly offset: Amount;
  readonly relative: boolean;
  readonly operator: '+' | '-' | '*' | '/' | '<<' | '>>';
  readonly value: Amount;
  /** Of the result, which is moved right by the mask's lowest bits that are 0; 0: all bits. */
  readonly bitmask: number;
  readonly name: string;
}

/** Whether bytes that are text in Base64 are, decoded, as the steps want them. */
export interface Base64Step {
  readonly kind: 'base64_decode';
  /** So many characters at most; 0: all that follow. */
  readonly bytes: number;
  readonly offset: number;
  readonly relative: boolean;
  readonly steps: Step[];
}

/** A set of values that outlives the rules. */
export interface ValueSet {
  has(bytes: Uint8Array): boolean;
  /** False: it was there, or there is no room. */
  add(bytes: Uint8Array): boolean;
  /** False: it wasn't there. */
  remove(bytes: Uint8Array): boolean;
  /** undefined: it isn't there. */
  reputation(bytes: Uint8Array): number | undefined;
}

/** Whether the whole buffer is in the set; `set` and `unset` match what they change. */
export interface DatasetStep {
  readonly kind: 'dataset';
  readonly command: 'isset' | 'isnotset' | 'set' | 'unset';
  readonly set: ValueSet;
}

/** Compares the reputation that the whole buffer has in the set. */
export interface ReputationStep {
  readonly kind: 'datarep';
  readonly operator: '<' | '>' | '==';
  readonly than: number;
  readonly set: ValueSet;
}

/** The buffer's length. */
export interface SizeStep {
  readonly kind: 'bsize';
  readonly test: (size: number) => boolean;
}

/** One of them. */
export type Step =
  | ContentStep
  | PcreStep
  | IsDataAtStep
  | ByteTestStep
  | ByteJumpStep
  | ByteExtractStep
  | ByteMathStep
  | Base64Step
  | DatasetStep
  | ReputationStep
  | SizeStep;

/** What is done to a buffer before it is looked at. */
export interface Transform {
  /** Name and value, so that equal ones are known as such. */
  readonly id: string;
  apply(bytes: Uint8Array): Uint8Array;
}

/** The steps on one buffer. */
export interface Chain {
  /** Suricata's name; empty: the payload. */
  readonly buffer: string;
  readonly transforms: readonly Transform[];
  readonly steps: readonly Step[];
}
