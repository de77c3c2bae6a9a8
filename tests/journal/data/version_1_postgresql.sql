CREATE TABLE public.kolay_invoice_boots (
    boot text NOT NULL,
    zero double precision NOT NULL
);
CREATE TABLE public.kolay_invoice_journal (
    name character varying(64) NOT NULL,
    value text NOT NULL
);
CREATE TABLE public.kolay_invoice_operations (
    id bigint NOT NULL,
    key text NOT NULL,
    subject text NOT NULL,
    provider character varying(16) NOT NULL,
    account text NOT NULL,
    operation character varying(32) NOT NULL,
    given text NOT NULL,
    frozen text NOT NULL,
    state character varying(16) NOT NULL,
    owner character varying(64),
    claim integer DEFAULT 0 NOT NULL,
    tried_in bigint,
    since double precision,
    due_at double precision,
    attempts text DEFAULT '[]'::text NOT NULL,
    result text,
    refusal text,
    note text
);
CREATE SEQUENCE public.kolay_invoice_operations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.kolay_invoice_operations_id_seq OWNED BY public.kolay_invoice_operations.id;
CREATE TABLE public.kolay_invoice_owners (
    owner character varying(64) NOT NULL,
    host text NOT NULL,
    pid integer NOT NULL,
    started text NOT NULL,
    lease_until double precision NOT NULL
);
CREATE TABLE public.kolay_invoice_run_operations (
    run_id bigint NOT NULL,
    operation_id bigint NOT NULL
);
CREATE TABLE public.kolay_invoice_runs (
    id bigint NOT NULL,
    owner character varying(64) NOT NULL,
    started_at double precision NOT NULL
);
CREATE SEQUENCE public.kolay_invoice_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.kolay_invoice_runs_id_seq OWNED BY public.kolay_invoice_runs.id;
ALTER TABLE ONLY public.kolay_invoice_operations ALTER COLUMN id SET DEFAULT nextval('public.kolay_invoice_operations_id_seq'::regclass);
ALTER TABLE ONLY public.kolay_invoice_runs ALTER COLUMN id SET DEFAULT nextval('public.kolay_invoice_runs_id_seq'::regclass);
INSERT INTO public.kolay_invoice_journal VALUES ('schema_version', '1');
INSERT INTO public.kolay_invoice_operations VALUES (1, 'kolaybi:loopback:resend:document_id=18', 'kolaybi:loopback:document_id=18', 'kolaybi', 'loopback', 'resend', '{"document_id":18}', '{"document_id":18}', 'done', NULL, 1, 1, NULL, NULL, '[{"started_at":1795946209.6014988,"ended_at":1795946209.6448977,"left":true,"outcome":"done"}]', '{"document_id":18,"uuid":"f46d5a8d-7726-4b37-bba4-973c7ab50a5b","status":"sent_to_receiver"}', NULL, NULL);
INSERT INTO public.kolay_invoice_operations VALUES (2, 'kolaybi:loopback:create_e_document:document_id=2', 'kolaybi:loopback:document_id=2', 'kolaybi', 'loopback', 'create_e_document', '{"document_id":2}', '{"document_id":2}', 'refused', NULL, 1, 1, NULL, NULL, '[{"started_at":1795946209.6014988,"ended_at":1795946209.6464767,"left":true,"outcome":"InvalidRequestError"}]', NULL, '{"error":"InvalidRequestError","status":400,"code":10400,"detail":"Alıcının e-posta adresi zorunludur. Bad Request: receiver_email"}', NULL);
INSERT INTO public.kolay_invoice_operations VALUES (3, 'kolaybi:loopback:create_e_document:document_id=1', 'kolaybi:loopback:document_id=1', 'kolaybi', 'loopback', 'create_e_document', '{"document_id":1}', '{"document_id":1}', 'unknown', NULL, 1, 2, 1795946209.8021963, NULL, '[{"started_at":1795946209.78911,"ended_at":1795946209.8022006,"left":true,"outcome":"OutcomeUnknownError"}]', NULL, NULL, 'kolaybi.create_e_document: it may have happened: the connection broke before a complete answer came (ServerDisconnectedError). Look at the document with list_invoices(document_id=...) after a few minutes, before sending it again.');
INSERT INTO public.kolay_invoice_operations VALUES (4, 'kolaybi:loopback:proceed:document_id=20', 'kolaybi:loopback:document_id=20', 'kolaybi', 'loopback', 'proceed', '{"document_id":20,"vault_id":1}', '{"document_id":20,"vault_id":1}', 'needs_person', NULL, 1, 2, 1795946209.8033094, NULL, '[{"started_at":1795946209.78911,"ended_at":1795946209.8033113,"left":true,"outcome":"OutcomeUnknownError"}]', NULL, NULL, 'kolaybi.proceed: it may have happened: the connection broke before a complete answer came (ServerDisconnectedError). No call reads a collection back: look at the movements of the vault in KolayBi before collecting again.');
INSERT INTO public.kolay_invoice_operations VALUES (5, 'propars:loopback:send_invoice:sale_code=abc123', 'propars:loopback:sale_code=abc123', 'propars', 'loopback', 'send_invoice', '{"sale_code":"abc123"}', '{"sale_code":"abc123","invoice_uuid":"0365a821-e6e8-4820-aca8-334850d50ebc"}', 'planned', NULL, 1, 3, NULL, NULL, '[{"started_at":1795946209.9309118,"ended_at":1795946209.9888506,"left":false,"outcome":"NotSentError"}]', NULL, NULL, 'propars.send_invoice: not sent: no connection to 127.0.0.1:9 (Connection refused). No byte of the request left, so calling again is safe.');
INSERT INTO public.kolay_invoice_operations VALUES (6, 'propars:loopback:send_invoice:sale_id=1002', 'propars:loopback:sale_id=1002', 'propars', 'loopback', 'send_invoice', '{"sale_id":1002}', '{"sale_id":1002,"invoice_uuid":"5f20756e-33a9-4e59-bd90-efc88d4544a9"}', 'sending', '28f5f02429814e61b9abec82a4933751', 1, 4, 1795946213.5558703, NULL, '[]', NULL, NULL, NULL);
INSERT INTO public.kolay_invoice_owners VALUES ('28f5f02429814e61b9abec82a4933751', 'old-machine/00000000-0000-4000-8000-000000000001/pid:[4026531836]', 19624, '434522', 1795946273.4742157);
INSERT INTO public.kolay_invoice_run_operations VALUES (4, 6);
INSERT INTO public.kolay_invoice_runs VALUES (4, '28f5f02429814e61b9abec82a4933751', 1795946213.4889743);
SELECT pg_catalog.setval('public.kolay_invoice_operations_id_seq', 6, true);
SELECT pg_catalog.setval('public.kolay_invoice_runs_id_seq', 4, true);
ALTER TABLE ONLY public.kolay_invoice_boots
    ADD CONSTRAINT kolay_invoice_boots_pkey PRIMARY KEY (boot);
ALTER TABLE ONLY public.kolay_invoice_journal
    ADD CONSTRAINT kolay_invoice_journal_pkey PRIMARY KEY (name);
ALTER TABLE ONLY public.kolay_invoice_operations
    ADD CONSTRAINT kolay_invoice_operations_key_key UNIQUE (key);
ALTER TABLE ONLY public.kolay_invoice_operations
    ADD CONSTRAINT kolay_invoice_operations_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.kolay_invoice_owners
    ADD CONSTRAINT kolay_invoice_owners_pkey PRIMARY KEY (owner);
ALTER TABLE ONLY public.kolay_invoice_run_operations
    ADD CONSTRAINT kolay_invoice_run_operations_pkey PRIMARY KEY (run_id, operation_id);
ALTER TABLE ONLY public.kolay_invoice_runs
    ADD CONSTRAINT kolay_invoice_runs_pkey PRIMARY KEY (id);
CREATE UNIQUE INDEX kolay_invoice_one_at_a_time ON public.kolay_invoice_operations USING btree (subject) WHERE ((state)::text = ANY ((ARRAY['claimed'::character varying, 'sending'::character varying, 'unknown'::character varying, 'reconciling'::character varying, 'needs_person'::character varying])::text[]));
CREATE INDEX kolay_invoice_operations_by_state ON public.kolay_invoice_operations USING btree (state);
ALTER TABLE ONLY public.kolay_invoice_run_operations
    ADD CONSTRAINT kolay_invoice_run_operations_operation_id_fkey FOREIGN KEY (operation_id) REFERENCES public.kolay_invoice_operations(id);
ALTER TABLE ONLY public.kolay_invoice_run_operations
    ADD CONSTRAINT kolay_invoice_run_operations_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.kolay_invoice_runs(id) ON DELETE CASCADE;
