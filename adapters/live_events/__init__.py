"""Many streams of outcome events out of one reader of the feed."""
