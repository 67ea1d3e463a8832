/** Stands for the command line in tests of the self-test: trains nothing, and answers by the device that it is given. */
const device = process.argv[process.argv.indexOf('--device') + 1] ?? '';
const isHalf = process.argv[process.argv.indexOf('--precision') + 1] === 'float16';
const factor = { cpu: 1, webgpu: isHalf ? 1.004 : 1.0005, cuda: 1.1 }[device];
if (factor === undefined) {
  process.stderr.write('loading\nError: no adapter was found\n');
  process.exit(1);
}
const steps = Number(process.argv[process.argv.indexOf('--max-steps') + 1]);
for (let step = 1; step <= steps; step++) {
  process.stdout.write(`${JSON.stringify({ type: 'step', step, loss: (3 - step / 10) * factor })}\n`);
}
process.stdout.write(`${JSON.stringify({ type: 'status', status: 'finished' })}\n`);
