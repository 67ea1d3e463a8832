/** How metrics are called where people read them. */
const TITLES: Readonly<Record<string, string>> = { exactMatch: 'exact match', f1: 'F1', macroF1: 'macro F1' };

/** @param metric by its name in files and configurations */
export function metricTitle(metric: string): string {
  return TITLES[metric] ?? metric;
}
