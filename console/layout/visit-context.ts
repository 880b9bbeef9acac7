import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Visit } from '../screen.js';

export const VisitContext = createContext<Visit | null>(null);

/** The visit that is being shown; for parts of pages that only somebody who is signed in sees. */
export function useVisit(): Visit {
  const visit = useContext(VisitContext);
  if (!visit) throw new Error('This part of a page needs somebody who is signed in.');
  return visit;
}
