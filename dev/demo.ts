/** What the demo needs of the stack that it runs on. */
export interface DemoOptions {
  apiUrl: string;
  apiKey: string;
  sandboxUrl: string;
  temporalUiUrl: string | undefined;
  print: (text: string) => void;
}

/** Asks the API whether it is ready; carrying scores through is still to come. */
export async function runDemo({ apiUrl, apiKey, print }: DemoOptions): Promise<{ ok: boolean }> {
  const response = await fetch(`${apiUrl}/readyz`, { headers: { authorization: `Bearer ${apiKey}` } });
  print(`the API answers ${response.status}`);
  return { ok: response.ok };
}
