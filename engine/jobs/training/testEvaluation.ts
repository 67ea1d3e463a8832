/** The official protocol's last step: the part of the evaluation data that chose nothing tests what was chosen. */
import { join } from 'node:path';
import { dataFingerprint } from '../../data/fingerprint.ts';
import { openEvaluationFolder } from '../../evaluation/evaluationFolder.ts';
import { textRecord, textSummary } from '../../evaluation/textAnswers.ts';
import { answerTexts } from '../../evaluation/textScores.ts';
import type { ForwardPass } from '../../inference/forwardPass.ts';
import type { AnswerRecord } from '../../protocol/answers/evaluation.ts';
import { RUN_FILES } from '../../protocol/runs/runFolder.ts';
import type { RunSession } from '../../run/runSession.ts';
import type { PreparedData } from '../preparation/preparation.ts';

/** Name of the evaluation in the run's folder. */
const NAME = 'test';

/**
 * Asks the tuned model all texts of the test part, keeps every answer, and tells the run's log; nothing where there is none.
 *
 * @param step the step whose weights show
 */
export async function evaluateTestPart(
  session: RunSession,
  { data, tokenizer }: PreparedData,
  forward: ForwardPass,
  step: number,
): Promise<void> {
  const { test, labels } = data;
  if (test === undefined || labels === undefined) return;
  const start = performance.now();
  const { configuration } = session.record;
  const { task, evaluation } = configuration.data;
  const path = typeof evaluation === 'string' ? evaluation : (data.sources[0]?.file ?? '');
  const folder = await openEvaluationFolder(join(session.folder, RUN_FILES.evaluations), NAME, {
    ...{
      schemaVersion: 1,
      task: task ?? null,
      scoring: labels.problem,
      part: NAME,
      seed: configuration.training.seed,
      step,
    },
    data: { path, fingerprint: { ...(await dataFingerprint(path)) } },
  });
  try {
    const padTokenId = tokenizer.padTokenId ?? tokenizer.eosTokenId;
    const records: AnswerRecord[] = [];
    await answerTexts(forward, test.examples, labels, padTokenId, (answers) => {
      for (const answer of answers) {
        const example = test.examples[answer.index];
        if (example !== undefined) records.push({ side: 'tuned', ...textRecord(answer, example, labels) });
      }
    });
    for (const record of records) folder.append(record);
    const about = { name: folder.name, task: task ?? NAME };
    const summary = textSummary(about, task, labels, records, performance.now() - start);
    await folder.finish(summary);
    const { metric, examples, sides } = summary;
    const score = sides.tuned?.scores[metric];
    if (score === undefined) return;
    session.append({
      ...{
        type: 'evaluated',
        name: folder.name,
        path: `${RUN_FILES.evaluations}/${folder.name}`,
        task: about.task,
        metric,
      },
      ...{ examples, value: score.value, low: score.interval.low, high: score.interval.high, step },
    });
  } finally {
    folder.close();
  }
}
