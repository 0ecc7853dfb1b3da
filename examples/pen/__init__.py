"""A made-up pen: skeletons of symbols, a hand that writes them unevenly, layout, and surfaces."""
