// Aligned text for people. A column without a heading is text and set left, the others are set right.

/** @param {readonly (readonly string[])[]} rows the headings first */
export function align(rows) {
  const [headings] = rows;
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const pad = (/** @type {string} */ cell, /** @type {number} */ column) =>
    headings[column] === '' ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return rows.map((row) => `  ${row.map(pad).join('  ').trimEnd()}\n`).join('');
}
