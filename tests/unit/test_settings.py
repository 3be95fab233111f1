"""Settings from the environment: read once, refused by name where they have no meaning."""

import pytest

from serinus.settings import Settings, SettingsInvalid, read_settings


def test_an_empty_environment_is_enough() -> None:
    assert read_settings({}) == Settings()
    assert read_settings({"SERINUS_NAMESPACES": "", "SERINUS_METRICS_PORT": " "}) == Settings()


def test_values_are_read_with_their_units() -> None:
    settings = read_settings(
        {
            "SERINUS_NAMESPACES": "fraud, search,,fraud",
            "SERINUS_SCRAPE_INTERVAL": "1m30s",
            "SERINUS_PROMETHEUS_TIMEOUT": "500ms",
            "SERINUS_TRACK_SECRETS": "True",
            "SERINUS_DEFAULT_OBJECTIVES": '[{"preset": "error-rate", "limit": "2%"}]',
            "SERINUS_DEFAULT_ROLLOUT": '{"interval": "1m", "onInconclusive": null}',
            "SERINUS_PROBES_PORT": "8081",
        }
    )
    assert settings.namespaces == ("fraud", "search")
    assert (settings.scrape_interval_seconds, settings.prometheus_timeout_seconds) == (90, 0.5)
    assert [o.limit_number for o in settings.default_objectives or ()] == [0.02]
    assert settings.default_policy == {"interval": "1m"}
    assert (settings.track_secrets, settings.probes_port) == (True, 8081)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERINUS_SCRAPE_INTERVAL", "often"),
        ("SERINUS_SCRAPE_INTERVAL", "0s"),
        ("SERINUS_LEASE_DURATION", "2s"),
        ("SERINUS_METRICS_PORT", "http"),
        ("SERINUS_DEFAULT_OBJECTIVES", "error-rate"),
        ("SERINUS_DEFAULT_OBJECTIVES", "{}"),
        ("SERINUS_DEFAULT_OBJECTIVES", '[{"preset": "error-rate"}]'),
        ("SERINUS_DEFAULT_ROLLOUT", "slow"),
        ("SERINUS_DEFAULT_ROLLOUT", "[]"),
        ("SERINUS_DEFAULT_ROLLOUT", '{"interval": 60}'),
        ("SERINUS_DEFAULT_ROLLOUT", '{"interval": "10m", "maxDuration": "5m"}'),
        ("SERINUS_METRICS_PORT", "70000"),
        ("SERINUS_PROMETHEUS_ACCESS", "token"),
        ("SERINUS_PROMETHEUS_ACCESS", '{"tokenfile": "x"}'),
        ("SERINUS_PROMETHEUS_OTHERS", '{"Mimir": {"url": "http://x"}}'),
        ("SERINUS_PROMETHEUS_OTHERS", '{"mimir": {"url": "mimir:8080"}}'),
        ("SERINUS_LOG_FORMAT", "yaml"),
        ("SERINUS_TRACK_SECRETS", "maybe"),
    ],
)
def test_what_has_no_meaning_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        read_settings({name: value})


def test_every_prometheus_has_a_name_and_the_operators_own_has_none() -> None:
    settings = read_settings(
        {
            "SERINUS_PROMETHEUS_URL": "http://own",
            "SERINUS_PROMETHEUS_TIMEOUT": "5s",
            "SERINUS_PROMETHEUS_ACCESS": '{"tokenFile": "/etc/token"}',
            "SERINUS_PROMETHEUS_OTHERS": '{"mimir": {"url": "http://mimir", "timeout": "20s"}}',
        }
    )
    own, mimir = settings.prometheuses[""], settings.prometheuses["mimir"]
    assert (own.url, own.timeout, own.token_file) == ("http://own", 5.0, "/etc/token")
    assert (mimir.url, mimir.timeout, mimir.token_file) == ("http://mimir", 20.0, "")


def test_the_identity_that_eks_gives_the_pod_is_taken() -> None:
    identity = read_settings({"AWS_ROLE_ARN": "arn", "AWS_WEB_IDENTITY_TOKEN_FILE": "/t"})
    assert identity.aws_identity.role_arn == "arn"
    assert identity.aws_identity.web_identity_token_file == "/t"
