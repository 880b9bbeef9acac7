/** The navigation. A screen names its section by the path. */
export const SECTIONS = [
  { path: '/', label: 'Overview' },
  { path: '/triage', label: 'Triage' },
  { path: '/scores', label: 'Scores' },
  { path: '/courses', label: 'Courses' },
  { path: '/platforms', label: 'Platforms' },
  { path: '/runs', label: 'Runs' },
  { path: '/backfills', label: 'Backfills' },
  { path: '/webhooks', label: 'Webhooks' },
] as const;
export type SectionPath = (typeof SECTIONS)[number]['path'];
