import { reportExamples } from './report.ts';

test('tells what became of each app, and does not count one that could not be synthesized', () => {
  const app = { seconds: 3, placeholders: [], why: undefined };
  const report = reportExamples([
    { ...app, name: 'shop', outcome: 'deployed' },
    { ...app, name: 'site', outcome: 'deployed', placeholders: ['AWS::Amplify::App'] },
    { ...app, name: 'queue', outcome: 'failed', why: '✖ deploy failed' },
    { ...app, name: 'image', outcome: 'not synthesized', why: 'no docker' },
  ]);
  expect(report.split('\n')).toEqual([
    'shop   deployed            3 s',
    'site   deployed            3 s  placeholders: AWS::Amplify::App',
    'queue  failed              3 s  ✖ deploy failed',
    'image  not synthesized     3 s  no docker',
    '',
    '2 of 3 apps were deployed, 1 of them without a placeholder; 1 could not be synthesized here.',
  ]);
});
