import { testScreens } from '../helpers/examine-screens.js';

await testScreens({ first: 0, of: 2 });
