import { testScreens } from '../helpers/examine-screens.js';

await testScreens({ first: 1, of: 2 });
