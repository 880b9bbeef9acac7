/** The Grafana dashboard of Passback: what is asked stands here, and `passback.json` is written from it. */
import { DashboardBuilder, DatasourceVariableBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

interface PanelPlan {
  title: string;
  unit: 'short' | 's' | 'reqps';
  /** PromQL by its legend. */
  queries: Readonly<Record<string, string>>;
}

const p95 = (histogram: string, by: string): string =>
  `histogram_quantile(0.95, sum by (le, ${by}) (rate(${histogram}_bucket[5m])))`;

/** Gauges of the database are told by every API process alike, so their `max` is asked for; counters are added up. */
export const PLAN: Readonly<Record<string, readonly PanelPlan[]>> = {
  'How late are grades': [
    { title: 'Backlog', unit: 'short', queries: { '{{state}}': 'sum by (state) (max by (gate, state) (passback_backlog_scores))' } },
    { title: 'Oldest that is ready', unit: 's', queries: { '{{gate}}': 'max by (gate) (passback_oldest_score_seconds{state="ready"})' } },
    { title: 'From accepted to in the gradebook, 95 %', unit: 's', queries: { 'all': 'histogram_quantile(0.95, sum by (le) (rate(passback_score_delivery_seconds_bucket[5m])))' } },
  ],
  'What becomes of scores': [
    { title: 'Outcomes', unit: 'reqps', queries: { '{{outcome}} {{failure}}': 'sum by (outcome, failure) (rate(passback_score_outcomes_total[5m]))' } },
    { title: 'Rejected and held within a day', unit: 'short', queries: { '{{state}} {{reason}}': 'max by (state, reason) (passback_troubled_scores_last_day)' } },
    { title: 'Set aside, waiting for launches, differing', unit: 'short', queries: { 'needs a launch': 'max(passback_contexts_needing_launch)', 'paused {{kind}}': 'max by (kind) (passback_paused)', 'drift {{kind}}': 'max by (kind) (passback_drifts_open)' } },
  ],
  'LTIAAS and the LMSes': [
    { title: 'Calls', unit: 'reqps', queries: { '{{operation}} {{status}}': 'sum by (operation, status) (rate(passback_ltiaas_call_duration_seconds_count[5m]))' } },
    { title: 'Duration of calls, 95 %', unit: 's', queries: { '{{operation}}': p95('passback_ltiaas_call_duration_seconds', 'operation') } },
    { title: 'Breakers and limits', unit: 'short', queries: { 'breaker {{gate}}': 'max by (gate) (passback_breaker_open)', 'at once {{gate}}': 'max by (gate) (passback_limit_in_flight{which="now"})' } },
  ],
  'API, events and Temporal': [
    { title: 'Requests, 95 %', unit: 's', queries: { '{{route}}': p95('passback_http_request_duration_seconds', 'route') } },
    { title: 'Notices on their way', unit: 'short', queries: { 'to who is {{state}}': 'max by (state) (passback_notice_messages_waiting)' } },
    { title: 'Webhook events that are no scores', unit: 'short', queries: { '{{state}}': 'max by (state) (passback_webhook_events)' } },
    { title: 'Pollers of workers', unit: 'short', queries: { '{{poller_type}}': 'sum by (poller_type) (temporal_num_pollers)' } },
  ],
}; // prettier-ignore

/** Grafana's JSON, the same each time. */
export function buildDashboard(): string {
  const dashboard = new DashboardBuilder('Passback')
    .uid('passback')
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .withVariable(new DatasourceVariableBuilder('datasource').type('prometheus'));
  for (const [title, panels] of Object.entries(PLAN)) {
    dashboard.withRow(new RowBuilder(title));
    for (const panel of panels) dashboard.withPanel(buildPanel(panel));
  }
  return `${JSON.stringify(dashboard.build(), null, 2)}\n`;
}

function buildPanel({ title, unit, queries }: PanelPlan): PanelBuilder {
  const panel = new PanelBuilder().title(title).unit(unit).min(0).span(8).height(8);
  panel.datasource({ type: 'prometheus', uid: '${datasource}' });
  for (const [index, [legend, expr]] of Object.entries(queries).entries()) {
    panel.withTarget(
      new DataqueryBuilder()
        .expr(expr)
        .legendFormat(legend)
        .refId(String.fromCharCode('A'.charCodeAt(0) + index)),
    );
  }
  return panel;
}
