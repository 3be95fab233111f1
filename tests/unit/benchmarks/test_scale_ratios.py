from benchmarks.scale.ratios import ratios


def test_what_grows_with_the_models_is_told_from_what_does_not() -> None:
    small = {"rss_mib": 100.0, "peak_mib": 110.0, "prom_queries_per_min": 24.0}
    large = {"rss_mib": 140.0, "peak_mib": 154.0, "prom_queries_per_min": 24.0}
    told = [*ratios({100: small, 500: large})]
    assert "ratio prom_queries_per_min_500_to_100 1.00" in told
    assert "ratio rss_kib_per_model_100_to_500 102" in told
    assert "ratio peak_to_rss_500 1.10" in told


def test_one_size_alone_is_held_against_the_shortest_that_a_rollout_can_take() -> None:
    told = [*ratios({1: {"promoted_p50_s": 60.0, "promoted_p99_s": 75.0}})]
    assert told == ["ratio promoted_p50_to_ideal_1 1.20", "ratio promoted_p99_to_ideal_1 1.50"]
