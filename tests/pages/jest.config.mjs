import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'page-tests' };
