import preset from '../../../jest.preset.mjs';

export default { ...preset, displayName: 'shipping-quote-typescript' };
