/** Looking tokens up in an embedding table. */
import { applyOne, type Graph, type Value } from '../../graph.ts';
import { inputOf, outputOf, type Operation } from '../../operation.ts';

/** y [..., hidden] = E[ids], for E [vocabulary, hidden] and ids int64 [...]; the table is frozen. */
const embedOperation: Operation = {
  name: 'Embed',
  infer([table, ids]) {
    if (table === undefined || ids === undefined) throw new Error('Embed takes a table and token ids');
    return [{ type: table.type, shape: [...ids.shape, table.shape[1] ?? 1] }];
  },
  lower(node, context) {
    context.emit('Gather', [context.nameOf(inputOf(node, 0)), context.nameOf(inputOf(node, 1))], {
      attributes: { axis: { int: 0 } },
      outputs: [context.nameOf(outputOf(node, 0))],
    });
  },
  gradient: 'inference',
};

export function embed(graph: Graph, table: Value, ids: Value): Value {
  return applyOne(graph, embedOperation, [table, ids]);
}
