/** The one place that knows where the client is: in the published package `build.mjs` makes it that of `@passback/client`. */
export * from '../client/index.js';
