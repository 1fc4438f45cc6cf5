// The facts of a complaint record, as a list of names and values; empty ones are left out.
import type { ComponentChildren } from "preact";
import { t } from "../../i18n";
import { day } from "../../i18n/dates";
import { figures } from "../../i18n/money";
import type { ComplaintRecord } from "../rest";
import { codeName } from "./words";

export function Facts({ record }: { record: ComplaintRecord }) {
  const { consumer, merchant, item } = record;
  const thing = [item.category, item.brand, item.model].filter(Boolean).join(" · ");
  const consents = [
    consumer.publication_consent ? t("desk-consent-publication") : t("desk-consent-no-publication"),
    consumer.entrustment_consent ? t("desk-consent-entrustment") : "",
  ].filter(Boolean);
  return (
    <div class="facts stack">
      {record.requests.length > 0 && (
        <Part title={t("desk-field-requests")}>
          <ul class="bullets">
            {record.requests.map((one) => (
              <li key={one}>{one}</li>
            ))}
          </ul>
        </Part>
      )}
      {record.facts && (
        <Part title={t("desk-field-facts")}>
          <p class="prose">{record.facts}</p>
        </Part>
      )}
      <dl class="pairs">
        <Pair
          name={t("desk-field-amount-fen")}
          value={record.amount_fen ? figures(record.amount_fen) : null}
        />
        <Pair
          name={t("desk-field-issue-type")}
          value={record.issue_type && codeName("issue", record.issue_type)}
        />
        <Pair name={t("desk-field-item")} value={thing} />
        <Pair name={t("desk-field-purchased-on")} value={record.purchased_on && day(record.purchased_on)} />
        <Pair
          name={t("desk-field-sales-channel")}
          value={record.sales_channel && codeName("sales", record.sales_channel)}
        />
        <Pair name={t("desk-field-order-number")} value={record.order_number} />
      </dl>
      <Part title={t("desk-part-consumer")}>
        <dl class="pairs">
          <Pair name={t("desk-field-consumer-name")} value={consumer.name} />
          <Pair name={t("desk-field-consumer-phone")} value={consumer.phone} />
          <Pair name={t("desk-field-consumer-address")} value={consumer.address} />
          <Pair name={t("desk-field-consumer-id-number")} value={consumer.id_number} />
          <Pair name={t("desk-consents")} value={consents.join(t("list-comma"))} />
        </dl>
      </Part>
      <Part title={t("desk-part-merchant")}>
        <dl class="pairs">
          <Pair name={t("desk-field-merchant-name")} value={merchant.name} />
          <Pair name={t("desk-field-merchant-contact")} value={merchant.contact} />
          <Pair name={t("desk-field-merchant-address")} value={merchant.address} />
          <Pair name={t("desk-field-merchant-credit-code")} value={merchant.credit_code} />
        </dl>
      </Part>
      <dl class="pairs">
        <Pair name={t("desk-field-channel")} value={record.channel && codeName("channel", record.channel)} />
        <Pair name={t("desk-field-source")} value={record.source && codeName("source", record.source)} />
        <Pair name={t("desk-registered")} value={record.registered_on && day(record.registered_on)} />
        <Pair name={t("desk-field-region-code")} value={record.region_code} />
      </dl>
    </div>
  );
}

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="facts__part">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Pair({ name, value }: { name: string; value: string | null | undefined }) {
  if (!value) return null;
  return (
    <div class="pairs__one">
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}
