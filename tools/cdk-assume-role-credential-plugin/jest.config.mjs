import preset from '../../jest.preset.mjs';

export default { ...preset, displayName: 'cdk-assume-role-credential-plugin' };
