// The names of the files that an HTTP message carries: what it says itself, else the path that was asked for.

import { Direction } from '../app-types.js';
import { bytesOf } from '../text.js';
import { Field } from './http-known-fields.js';
import type { HttpTransaction } from './http-transaction.js';
import { normalizedUri } from './http-uri.js';

/** Of a form's files so many are named. */
const MAX_FORM_FILES = 64;
const FORM_FILE = /^content-disposition:[^\n]*\bfilename="([^"\r\n]*)"/gim;
const DISPOSITION_FILE = /\bfilename\*?=\s*(?:"([^"]*)"|([^;\s]*))/i;

/** Those that are known by now; none without a body. */
export function fileNames(tx: HttpTransaction, direction: number): readonly Uint8Array[] {
  if (tx.body(direction).length === 0) return [];
  if (direction === Direction.toServer && isForm(tx)) return formFiles(tx);
  const name = (direction === Direction.toClient ? attachedName(tx) : undefined) ?? pathOf(tx);
  return name === undefined ? [] : [bytesOf(name)];
}

function isForm(tx: HttpTransaction): boolean {
  return /^multipart\/form-data/i.test(tx.requestHeaders.get(Field.contentType) ?? '');
}

function formFiles(tx: HttpTransaction): Uint8Array[] {
  const text = Buffer.from(tx.requestBody.bytes(undefined)).toString('latin1');
  const names = [...text.matchAll(FORM_FILE)].slice(0, MAX_FORM_FILES).map(([, name = '']) => name);
  return names.filter((name) => name !== '').map(bytesOf);
}

function attachedName(tx: HttpTransaction): string | undefined {
  const [, quoted, plain] = DISPOSITION_FILE.exec(tx.responseHeaders.get(Field.contentDisposition) ?? '') ?? [];
  return (quoted ?? plain) || undefined;
}

function pathOf({ request }: HttpTransaction): string | undefined {
  return request && normalizedUri(request.uri).replace(/\?.*$/s, '');
}
