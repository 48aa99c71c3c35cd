// The compressions that savefiles are written with, on the thread pool.

import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { SavefileError } from '../errors.js';
import { core, isNativeFailure } from '../native/core.js';
import type { Compression } from '../savefile/format.js';

/** Compresses one savefile. */
export interface Compressor {
  /** What the target goes on with for these bytes, which must stay as they are meanwhile. */
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  /** What it ends with, behind all that compress gave. */
  readonly end: Uint8Array;
}

const gzipAsync = promisify(gzip);
/** Measured on captures: half as fast again as level 6, for files 6 % larger. */
const GZIP_LEVEL = 1;

/** Members of its own (RFC 1952, section 2.2: a file is any number of them). */
const GZIP: Compressor = {
  compress: (bytes) => gzipAsync(bytes, { level: GZIP_LEVEL }),
  end: new Uint8Array(0),
};

/** RFC 8878, section 3.1.1.2: the last block, raw and empty. */
const LAST_BLOCK = Uint8Array.of(1, 0, 0);

/** Undefined for none. Throws ERR_TAP_UNWRITABLE where the system has no library for it; `path` is for that error. */
export function compressorOf(compression: Compression, path: string): Compressor | undefined {
  if (compression === 'none') return undefined;
  return compression === 'gzip' ? GZIP : zstd(path);
}

function zstd(path: string): Compressor {
  try {
    const frame = new (core().Zstd)();
    return { compress: (bytes) => frame.compress(bytes), end: LAST_BLOCK };
  } catch (cause) {
    if (!isNativeFailure(cause)) throw cause;
    throw new SavefileError('ERR_TAP_UNWRITABLE', `cannot write savefile: path=${path}: ${cause.detail}`, {
      path,
      cause,
    });
  }
}
