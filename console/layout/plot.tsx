import type { VNode } from 'preact';

export interface Bar {
  /** Below the plot, where it has room. */
  label: string;
  value: number;
  /** A part of it that is drawn over it. */
  part?: number;
}

export interface BarPlotProps {
  /** What it shows, in a sentence: read instead of it. */
  title: string;
  bars: readonly Bar[];
  /** How figures are written. */
  format: (value: number) => string;
}

const HEIGHT = 100;
/** Of the width of a bar, left free. */
const GAP = 0.2;
/** So many labels have room on a telephone, each below the first of as many bars. */
const LABELS = 4;

/** Bars side by side, the highest of which fills the height. The figures themselves stand in a table beside it. */
export function BarPlot({ title, bars, format }: BarPlotProps): VNode {
  const most = Math.max(0, ...bars.map(({ value }) => value));
  const toHeight = (value: number): number => (most === 0 ? 0 : (value / most) * HEIGHT);
  const step = Math.max(1, Math.ceil(bars.length / LABELS));
  return (
    <figure class="plot">
      <figcaption>
        {title} <span class="muted">at most {format(most)}</span>
      </figcaption>
      <svg viewBox={`0 0 ${bars.length} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={title}>
        {bars.map(({ label, value, part }, place) => (
          <g key={label}>
            <Rectangle place={place} height={toHeight(value)} kind={part === undefined ? 'part' : 'bar'} />
            {part !== undefined && <Rectangle place={place} height={toHeight(part)} kind="part" />}
          </g>
        ))}
      </svg>
      <div class="axis" aria-hidden="true">
        {bars.map(({ label }, place) => place % step === 0 && <span key={label}>{label}</span>)}
      </div>
    </figure>
  );
}

function Rectangle({ place, height, kind }: { place: number; height: number; kind: string }): VNode {
  return (
    <rect
      class={kind}
      x={(place + GAP / 2).toFixed(2)}
      y={(HEIGHT - height).toFixed(2)}
      width={(1 - GAP).toFixed(2)}
      height={height.toFixed(2)}
    />
  );
}
