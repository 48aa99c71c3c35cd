// Captures with the package `cap`, and does nothing with the packets but count them.
//   node cap-count.js DEVICE BUFFER_BYTES       SIGINT ends it

import cap from 'cap';

const [device, bufferBytes] = process.argv.slice(2);
const capture = new cap.Cap();
// The package holds no reference to the buffer that it writes into: the listener does.
const buffer = Buffer.alloc(65_536);
let packets = 0;
capture.open(device, '', Number(bufferBytes), buffer);
capture.on('packet', () => {
  packets += buffer.length > 0 ? 1 : 0;
});
process.on('SIGINT', () => {
  capture.close();
  console.log(`${packets} packets`);
  process.exit();
});
console.log('listening');
