export const EMPTY_QUEUE = 'bench-empty';
