const HOME = '/console';
/** Of no host: whatever leaves it is not ours. */
const BASE = 'http://console.invalid';

/** Where to go after the sign-in: a page of the console, whatever else was asked for. */
export function toReturnPath(wanted: string | null | undefined): string {
  if (!wanted?.startsWith('/') || !URL.canParse(wanted, BASE)) return HOME;
  const { origin, pathname, search } = new URL(wanted, BASE);
  const isOurs = origin === BASE && (pathname === HOME || pathname.startsWith(`${HOME}/`));
  return isOurs && !pathname.startsWith(`${HOME}/sign-`) ? `${pathname}${search}` : HOME;
}

/** The sign-in that leads back to here. */
export function toSignIn(path: string): string {
  const back = toReturnPath(path);
  return back === HOME ? `${HOME}/sign-in` : `${HOME}/sign-in?to=${encodeURIComponent(back)}`;
}
