/** The choice of plan, weights and micro-batch under budgets that shrink. */
import { describe, expect, test } from 'vitest';
import { chooseExecution } from '../../engine/estimate/planChoice.ts';
import { request, wide } from './sevenBillion.ts';

describe('weights', () => {
  test.each([
    [64e9, 'float32'],
    [20e9, '16bit'],
    [8e9, 'streamed'],
  ])('a budget of %d bytes: %s, within it', (budgetBytes, weights) => {
    const { plan, memory, reasons } = chooseExecution(request(budgetBytes));
    expect(memory.total).toBeLessThanOrEqual(budgetBytes);
    expect(plan.plan === 'layered' ? plan.weights : 'float32').toBe(weights);
    const said = reasons.join('\n');
    if (weights === '16bit') expect(said).toMatch(/weights stay in 16 bits.*26960 MB/);
    if (weights === 'streamed') expect(said).toMatch(/read from the checkpoint's files.*26960 MB, as stored 13480 MB/);
  });

  test('a checkpoint in float32 is streamed at once, since 16 bits would change it', () => {
    expect(chooseExecution(request(20e9, { weights: wide })).plan).toMatchObject({ weights: 'streamed' });
  });

  test('asking for what would change the weights, or what the plan cannot do, is an error', () => {
    const options = { plan: 'auto', savedActivations: 'auto', weights: '16bit', fit: 'auto' } as const;
    expect(() => chooseExecution(request(64e9, { weights: wide, options }))).toThrow(
      expect.objectContaining({ code: 'memory/lossyWeights' }),
    );
    expect(() => chooseExecution(request(64e9, { options: { ...options, plan: 'wholeGraph' } }))).toThrow(
      expect.objectContaining({ code: 'memory/weightsNeedLayers' }),
    );
  });

  test('what fits nowhere is an error with the smallest need', () => {
    expect(() => chooseExecution(request(1e9))).toThrow(expect.objectContaining({ code: 'memory/doesNotFit' }));
  });
});

describe('settings that do not fit', () => {
  const options = { plan: 'layered', savedActivations: 'all', weights: 'float32', fit: 'auto' } as const;

  test('are wishes: less is taken, the micro-batch never larger, and it is said', () => {
    const choice = chooseExecution(request(20e9, { options, microBatchSize: 2 }));
    expect(choice.plan).toMatchObject({ plan: 'layered', weights: '16bit' });
    expect(choice.microBatchSize).toBeLessThanOrEqual(2);
    expect(choice.reasons[0]).toContain('what was asked for does not fit');
    expect(chooseExecution(request(64e9, { options, microBatchSize: 2 }))).toMatchObject({
      plan: { savedActivations: 'all', weights: 'float32' },
      microBatchSize: 2,
    });
  });

  test('are an error where the fit is strict', () => {
    expect(() => chooseExecution(request(20e9, { options: { ...options, fit: 'strict' } }))).toThrow(
      expect.objectContaining({ code: 'memory/doesNotFit' }),
    );
  });
});

test('memory of long rows grows with their length, not with its square', () => {
  const options = { plan: 'layered', savedActivations: 'none', weights: 'streamed', fit: 'strict' } as const;
  const activations = [4096, 8192, 16384].map(
    (longest) => chooseExecution(request(1e12, { options, longest, microBatchSize: 1 })).memory.activations,
  );
  const [short = 0, middle = 0, long = 0] = activations;
  expect((long - middle) / (middle - short)).toBeCloseTo(2, 1);
  const unblocked = { options, longest: 16384, microBatchSize: 1, hasBlockedAttention: false };
  expect(chooseExecution(request(1e12, unblocked)).memory.activations).toBeGreaterThan(5 * long);
});
