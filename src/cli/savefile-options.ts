// The options of `pkttap attach` that say what kind of savefiles to write, in the words of dumpcap and editcap, and how they
// belong together.

import { type Command, InvalidArgumentError } from 'commander';
import { type Compression, formatOf, type SavefileFormat } from '../savefile/format.js';
import type { FileLimits } from '../sink/file-limits.js';
import type { Rotation } from '../sink/file-series.js';
import type { SavefileFlags } from './attach-savefile.js';
import { UsageError } from './failure.js';
import { type FileConditions, parseFileCondition } from './file-conditions.js';
import { collect } from './options.js';

export interface SavefileOptionFlags {
  readonly write?: string;
  readonly format?: SavefileFormat;
  readonly ringBuffer?: FileConditions;
  readonly autostop?: FileConditions;
  readonly compress?: Compression;
  readonly captureComment?: readonly string[];
}

/** Adds -F, -b, --compress and --capture-comment. `format`: the flags of -F, where that letter is taken. */
export function addSavefileOptions(command: Command, format = '-F, --format <format>'): Command {
  return command
    .option(format, 'pcapng, pcap (microseconds) or nsecpcap (default: by name)', parseFormat)
    .option(
      '-b, --ring-buffer <limit>',
      'next file at filesize:KB, duration:S, packets:N; keep files:N',
      parseFileCondition,
    )
    .option('--compress <type>', 'gzip, zstd or none (default: by name, *.gz or *.zst)', parseCompression)
    .option('--capture-comment <text>', 'a comment on the savefile; pcapng only', collect);
}

/** The flags without -w say nothing: undefined. Throws UsageError for flags that contradict each other. */
export function savefileFlagsOf(flags: SavefileOptionFlags): SavefileFlags | undefined {
  const { write: target, format, compress, captureComment: comments } = flags;
  if (target === undefined) {
    refuseWithoutTarget(flags);
    return undefined;
  }
  if (target === '-' && process.stdout.isTTY) throw new UsageError('-w - writes binary data: pipe it, or name a file');
  if (compress === undefined && /\.lz4$/i.test(target))
    throw new UsageError(`-w ${target}: lz4 can be read, not written: name it *.zst or *.gz, or say --compress none`);
  if (comments !== undefined && (format ?? formatOf(target)) !== 'pcapng')
    throw new UsageError('--capture-comment needs pcapng: --format pcapng');
  return {
    target,
    limits: limitsOf(flags),
    ...(format !== undefined && { format }),
    ...(compress !== undefined && { compression: compress }),
    ...(comments !== undefined && { comments }),
    ...rotationOf(target, flags),
  };
}

function refuseWithoutTarget({ format, ringBuffer, autostop, compress, captureComment }: SavefileOptionFlags): void {
  const given = format ?? ringBuffer ?? autostop?.filesize ?? autostop?.files ?? compress ?? captureComment;
  if (given !== undefined)
    throw new UsageError(
      '--format, -b, -a filesize:, -a files:, --compress and --capture-comment need a savefile: -w FILE',
    );
}

/** With -b, `-a filesize:` is a limit of each file, as it is for dumpcap. */
function limitsOf({ ringBuffer, autostop }: SavefileOptionFlags): FileLimits {
  const kilobytes = ringBuffer?.filesize ?? autostop?.filesize;
  return {
    ...(kilobytes !== undefined && { bytes: kilobytes * 1000 }),
    ...(ringBuffer?.packets !== undefined && { packets: ringBuffer.packets }),
    ...(ringBuffer?.duration !== undefined && { seconds: ringBuffer.duration }),
  };
}

function rotationOf(target: string, flags: SavefileOptionFlags): { rotation?: Rotation } {
  const { ringBuffer, autostop } = flags;
  if (ringBuffer === undefined) {
    if (autostop?.files !== undefined) throw new UsageError('-a files: needs -b: when does another file begin?');
    return {};
  }
  if (target === '-') throw new UsageError('-b needs a file: standard output is one stream');
  if (Object.keys(limitsOf(flags)).length === 0)
    throw new UsageError('-b files: needs -b filesize:, duration: or packets: as well: when does another file begin?');
  return {
    rotation: {
      ...(ringBuffer.files !== undefined && { keep: ringBuffer.files }),
      ...(autostop?.files !== undefined && { files: autostop.files }),
    },
  };
}

function parseFormat(text: string): SavefileFormat {
  if (text === 'pcapng' || text === 'pcap' || text === 'nsecpcap') return text;
  throw new InvalidArgumentError('pcapng, pcap or nsecpcap is expected.');
}

function parseCompression(text: string): Compression {
  if (text === 'gzip' || text === 'zstd' || text === 'none') return text;
  throw new InvalidArgumentError('gzip, zstd or none is expected; lz4 can be read, not written.');
}
