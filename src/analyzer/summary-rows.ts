// Rows of text in columns: the first aligned to the left, the others to the right.

/** The rows under their title (none if it is empty), or nothing if there are no rows. */
export function alignedRows(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const indent = title === '' ? '' : '  ';
  const lines = rows.map((row) => indent + row.map((cell, i) => padded(cell, widths[i]!, i)).join('  '));
  return [...(title === '' ? [] : [title]), ...lines].join('\n');
}

function padded(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
