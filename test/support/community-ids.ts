// Community IDs as tshark gives them: the independent opinion on ours.

import { output } from './run.js';

/** For each packet of the file its Community ID (undefined: none) and its length on the wire. */
export async function communityIdsOf(path: string): Promise<{ id: string | undefined; length: number }[]> {
  const fields = ['communityid', 'frame.len'].flatMap((field) => ['-e', field]);
  const args = ['-n', '-r', path, '--enable-protocol', 'communityid', '-T', 'fields', ...fields];
  const text = (await output('tshark', args)).toString().trimEnd();
  return text.split('\n').map((line) => {
    const [id = '', length = ''] = line.split('\t');
    return { id: id === '' ? undefined : id, length: Number(length) };
  });
}
