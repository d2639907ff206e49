import preset from '../../tools/test-bed/jest.preset.mjs';

export default { ...preset, displayName: 'pipeline-tests' };
