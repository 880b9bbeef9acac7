import fastifyPlugin from 'fastify-plugin';

declare module 'fastify' {
  interface FastifyInstance {
    /** Makes `/readyz` say no, while everything is served as before: to be called some time before `close`. */
    announceClose(): void;
    isCloseAnnounced(): boolean;
  }
}

/** Connections that are still open after this are cut, in milliseconds: before the process is ended from outside. */
const CUT_AFTER_MS = 8_000;
/** Connections become idle one by one as their answers end. */
const LOOK_EVERY_MS = 100;

/**
 * Lets `close` end: Node waits for every connection, also for one whose client keeps it for later and for one whose request never
 * ends.
 */
export const closingPlugin = fastifyPlugin(
  async (app) => {
    let isAnnounced = false;
    const timers: NodeJS.Timeout[] = [];
    app.decorate('announceClose', () => void (isAnnounced = true));
    app.decorate('isCloseAnnounced', () => isAnnounced);
    app.addHook('preClose', async () => {
      isAnnounced = true;
      timers.push(setInterval(() => app.server.closeIdleConnections(), LOOK_EVERY_MS));
      timers.push(setTimeout(() => app.server.closeAllConnections(), CUT_AFTER_MS));
    });
    app.addHook('onClose', async () => {
      for (const timer of timers) clearTimeout(timer);
    });
  },
  { name: 'closing' },
);
