"""Parts of the script that makes the synthetic demo district."""
