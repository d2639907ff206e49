import { testStack } from './testing/test-app.ts';
import { LiteralTemplate } from './testing/literal-template.ts';

const template = new LiteralTemplate(testStack());

// CodePipeline puts values between quotes of a JSON text, and does not escape them.
describe('what a build tells, or who starts the pipeline, brings a step no further variables:', () => {
  const rules = (stage: number) =>
    Object.fromEntries(
      template.stages[stage]!.BeforeEntry!.Conditions.flatMap(({ Result, Rules }) =>
        Rules.map(({ Configuration }) => {
          expect([Result, Configuration['Operator']]).toEqual(['FAIL', 'MATCHES']);
          return [Configuration['Variable']!, new RegExp(Configuration['Value']!)];
        }),
      ),
    );
  const hex = 'a'.repeat(64);
  const further = `${hex}"},{"name":"NODE_OPTIONS","value":"--require=/tmp/x`;

  test.each([
    ['Synth.RELEASES', 2, `infra=${hex},@scope/shop-2=${hex}`, `infra=${further}`],
    ['Synth.RELEASES', 2, `infra=${hex}`, `infra=${hex}\\`],
    ['Synth.RELEASES', 2, `infra=${hex}`, `in fra=#{variables.X}=${hex}`],
    ['Synth.ASSEMBLIES', 2, hex, further],
    ['SynthPipeline.RELEASES', 2, `pipeline=${hex}`, `pipeline=${further}`],
    ['SynthPipeline.ASSEMBLIES', 2, hex, further],
    ['variables.VERBOSE', 1, 'true', 'true","type":"PLAINTEXT"},{"name":"X","value":"y'],
  ])('%s', (name, stage, good, bad) => {
    const rule = rules(stage)[`#{${name}}`]!;
    expect([good, bad, ''].map((value) => rule.test(value))).toEqual([true, false, false]);
  });

  test('every variable that a step gets is checked, or told by Tools', () => {
    const used = new Set(JSON.stringify(template.stages).match(/#\{[^}]+\}/g));
    const checked = [...Object.keys(rules(1)), ...Object.keys(rules(2))];
    expect([...used].filter((name) => !checked.includes(name))).toEqual(['#{Tools.WORKSPACE}']);
  });
});
