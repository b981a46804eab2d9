-- Subscriptions, what was paid for them, and the ledger of credits that generations are paid with.

CREATE TABLE subscriptions (
    tenant_id uuid NOT NULL REFERENCES tenants,
    subscription_id uuid NOT NULL DEFAULT gen_random_uuid(),
    tier text NOT NULL CHECK (tier IN ('free', 'creator', 'studio')),
    state text NOT NULL CHECK (state IN ('active', 'past_due', 'cancelled')),
    provider_reference text NOT NULL,
    renews_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, subscription_id),
    UNIQUE (tenant_id, provider_reference)
);

CREATE TABLE payments (
    tenant_id uuid NOT NULL,
    payment_id uuid NOT NULL DEFAULT gen_random_uuid(),
    subscription_id uuid NOT NULL,
    -- The provider sends a message again until it is answered; the second one finds this one here.
    provider_reference text NOT NULL,
    cents bigint NOT NULL CHECK (cents >= 0),
    currency char(3) NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'paid', 'refunded', 'failed')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, payment_id),
    UNIQUE (tenant_id, provider_reference),
    FOREIGN KEY (tenant_id, subscription_id) REFERENCES subscriptions
);

-- Nothing here is ever changed: a balance is a sum, and a mistake is made good by another line.
CREATE TABLE credit_entries (
    tenant_id uuid NOT NULL REFERENCES tenants,
    entry_id bigint GENERATED ALWAYS AS IDENTITY,
    credits integer NOT NULL CHECK (credits <> 0),
    reason text NOT NULL CHECK (reason IN ('purchase', 'grant', 'generation', 'refund')),
    -- The payment or job that it is about, so that neither is ever counted twice.
    about uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, entry_id),
    UNIQUE (tenant_id, reason, about)
);

CALL isolate('subscriptions');
CALL isolate('payments');
CALL isolate('credit_entries');

GRANT SELECT, INSERT, UPDATE ON subscriptions TO :"app";
GRANT SELECT, INSERT ON payments, credit_entries TO :"app";
GRANT UPDATE (state) ON payments TO :"app";
GRANT SELECT ON subscriptions, payments, credit_entries TO :"reader";
